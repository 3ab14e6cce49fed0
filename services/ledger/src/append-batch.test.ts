import { LIMITS, wire } from '@entente/contract';
import { messageHash, readUnverifiedHeader } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appendBatch } from './append-batch.js';
import {
  adoptDirectory,
  adoptions,
  adoptPack,
  DIRECTORY,
  hash,
  NOW,
  openTestLog,
  PACK,
  record,
  rejection,
  request,
  seal,
  type TestLog,
  tempDir,
  testSigner,
} from './fixture/test-log.js';

const signer = await testSigner();
let temp: ReturnType<typeof tempDir>;
let ledger: TestLog;
beforeEach(() => {
  temp = tempDir();
  ledger = openTestLog(temp.dir, signer);
});
afterEach(() => {
  ledger.close();
  temp.remove();
});
const restart = () => {
  ledger.close();
  ledger = openTestLog(temp.dir, signer, ledger.clock);
};

describe('an entry', () => {
  test('proves itself: the record that was handed over, at its place, at its time', async () => {
    await ledger.append(...adoptions);
    const bytes = record('a');
    const [reply] = await ledger.append(bytes);
    const { index, leaf, record: logged } = ledger.verify(reply?.entry as wire.EntryFrame);
    expect([index, leaf.event, leaf.timeMs]).toEqual([2, 'crossing', NOW]);
    expect(logged).toEqual(wire.record.decode(bytes));
    expect([...(reply?.entry?.record ?? [])]).toEqual([...bytes]);
    expect(reply?.entry?.salt).toHaveLength(16);
  });

  test('is told with id and hash, once; what was adopted is no message', async () => {
    await ledger.append(...adoptions);
    expect(ledger.told).toEqual([]);
    await ledger.append(record('a'), record('a'), rejection('b'));
    await ledger.append(record('a'));
    expect(ledger.told).toMatchObject([
      { index: 2, id: readUnverifiedHeader(seal('a')).id, messageHash: messageHash(seal('a')), code: '' },
      { index: 3, messageHash: messageHash(seal('b')), decision: 'refuse' },
    ]);
  });

  test('is the same for the same message, stage and step: later, in one batch, and after a restart', async () => {
    await ledger.append(...adoptions);
    expect(await ledger.outcomes(record('a'), record('b'), record('a'))).toEqual([2, 3, 2]);
    expect(await ledger.outcomes(record('a'))).toEqual([2]);
    restart();
    expect(await ledger.outcomes(record('b'), record('a'))).toEqual([3, 2]);
    expect(ledger.store.head().size).toBe(4);
  });

  test('is the first one, whatever the gate decides the second time', async () => {
    await ledger.append(...adoptions);
    const refused = record('a', { verdict: { decision: 'refuse' }, decidedAtMs: NOW + 1 });
    const replies = [...(await ledger.append(record('a'), refused)), ...(await ledger.append(refused))];
    for (const { entry } of replies) {
      expect(ledger.verify(entry as wire.EntryFrame).record.verdict?.decision).toBe('permit');
    }
  });

  test('is another one for another stage, step or message', async () => {
    await ledger.append(...adoptions);
    const others = [record('a'), record('a', { stage: 'enter' }), record('b')];
    expect(await ledger.outcomes(...others)).toEqual([2, 3, 4]);
    expect(await ledger.outcomes(...others)).toEqual([2, 3, 4]);
  });

  test('gets a salt of its own', async () => {
    const replies = await ledger.append(...adoptions);
    const salts = replies.map(({ entry }) => Buffer.from(entry?.salt ?? []).toString('hex'));
    expect(new Set(salts).size).toBe(2);
  });

  test('never is older than the one before, when the clock goes back', async () => {
    const timeOf = async (...records: Uint8Array[]) => {
      const [reply] = await ledger.append(...records);
      return ledger.verify(reply?.entry as wire.EntryFrame).leaf.timeMs;
    };
    await ledger.append(...adoptions);
    ledger.clock.nowMs = NOW - 3_600_000;
    expect(await timeOf(record('a'))).toBe(NOW);
    restart();
    expect(await timeOf(record('b'))).toBe(NOW);
    ledger.clock.nowMs = NOW + 5;
    expect(await timeOf(record('c'))).toBe(NOW + 5);
    expect(await timeOf(record('a'))).toBe(NOW);
  });
});

describe('a record is refused', () => {
  test('before a pack and a directory are adopted', async () => {
    expect(await ledger.outcomes(record('a'))).toEqual(['adoption-stale']);
    expect(await ledger.outcomes(adoptPack(PACK), record('a'))).toEqual([0, 'adoption-stale']);
    expect(await ledger.outcomes(adoptDirectory(DIRECTORY), record('a'))).toEqual([1, 2]);
  });

  test('under another pack or directory than the one adopted last, also within one batch', async () => {
    const [pack, directory] = [hash('new pack'), hash('new directory')];
    await ledger.append(...adoptions);
    expect(
      await ledger.outcomes(
        record('a', { packSha256: pack }),
        record('a', { directorySha256: directory }),
        record('a', { packSha256: new Uint8Array(), directorySha256: new Uint8Array() }),
      ),
    ).toEqual(['adoption-stale', 'adoption-stale', 'adoption-stale']);
    expect(await ledger.outcomes(record('a'), adoptPack(pack, 2), record('b'))).toEqual([
      2,
      3,
      'adoption-stale',
    ]);
    expect(await ledger.outcomes(record('b', { packSha256: pack }))).toEqual([4]);
    // What was logged under the old pack stays the answer.
    expect(await ledger.outcomes(record('a'))).toEqual([2]);
  });

  test('with an id that its sender used for another message, also within one batch', async () => {
    await ledger.append(...adoptions);
    const other = record('a', { seal: seal('a', 'hotline.de', 'other') });
    expect(await ledger.outcomes(record('a'), other, record('a'))).toEqual([2, 'id-reused', 2]);
    expect(await ledger.outcomes(other)).toEqual(['id-reused']);
    restart();
    expect(await ledger.outcomes(other)).toEqual(['id-reused']);
    const evidence = record('a', { event: 'evidence', seal: seal('a', 'hotline.de', 'other') });
    expect(await ledger.outcomes(evidence)).toEqual(['id-reused']);
  });

  test('for its id, and with the refusal comes what has the id: of this sender and this stage only', async () => {
    await ledger.append(...adoptions);
    const reused = (from: string, change: object = {}) =>
      rejection('a', {
        ...{ seal: seal('a', from, 'other'), verdict: { decision: 'refuse', code: 'id-reused' } },
        ...change,
      });
    const first = record('a');
    await ledger.append(first, record('a', { stage: 'enter', seal: seal('a', 'isp.de') }));
    const claimedFor = async (bytes: Uint8Array) => (await ledger.append(bytes))[0]?.claimed;
    for (const time of ['first', 'again']) {
      const claimed = await claimedFor(reused('hotline.de'));
      expect(claimed && ledger.verify(claimed).record, time).toEqual(wire.record.decode(first));
      restart();
    }
    expect(await claimedFor(reused('ministry.de'))).toBeNull();
    expect(await claimedFor(reused('isp.de'))).toBeNull();
    expect(await claimedFor(rejection('a', { seal: seal('a', 'hotline.de', 'third') }))).toBeNull();
    const unreadable = Buffer.from('e30.AAAA.AAAA');
    const broken = { seal: unreadable, messageHash: messageHash(unreadable) };
    expect(await claimedFor(reused('hotline.de', broken))).toBeNull();
  });

  test('where nothing is to be appended and it is not there; what is there is handed over', async () => {
    await ledger.append(...adoptions);
    const lookUp = async (bytes: Uint8Array) => {
      const asked = wire.appendRequest.encode({ record: bytes, knownOnly: true });
      const [reply] = await appendBatch(ledger.log, [asked]);
      return wire.appendReply.decode(reply ?? new Uint8Array());
    };
    expect(await lookUp(record('a'))).toMatchObject({ entry: null, refusal: 'unknown' });
    expect(ledger.store.head().size).toBe(2);
    expect(await ledger.outcomes(record('a'))).toEqual([2]);
    const { entry } = await lookUp(record('a', { verdict: { decision: 'refuse' } }));
    expect(ledger.verify(entry as wire.EntryFrame)).toMatchObject({ index: 2 });
    expect(await lookUp(record('a', { stage: 'enter' }))).toMatchObject({ refusal: 'unknown' });
  });

  test('not because another sender has the same id', async () => {
    await ledger.append(...adoptions);
    const other = record('a', { seal: seal('a', 'isp.de') });
    expect(await ledger.outcomes(record('a'), other)).toEqual([2, 3]);
  });

  test('not because a rejected message had the same id, and a rejection not because of another', async () => {
    await ledger.append(...adoptions);
    const squatter = rejection('a', { seal: seal('a', 'hotline.de', 'squatter') });
    expect(await ledger.outcomes(squatter, record('a'))).toEqual([2, 3]);
    const late = rejection('a', { seal: seal('a', 'hotline.de', 'late') });
    expect(await ledger.outcomes(late, squatter)).toEqual([4, 2]);
  });

  test('for another nation, and malformed, while the rest of its batch is appended', async () => {
    await ledger.append(...adoptions);
    expect(
      await ledger.outcomes(
        record('a'),
        record('b', { nation: 'FR' }),
        record('c', { stage: 'up' }),
        record('d'),
      ),
    ).toEqual([2, 'wrong-nation', 'record-malformed', 3]);
  });
});

describe('a request', () => {
  test('that is garbage is answered, not thrown, and harms nobody in its batch', async () => {
    const huge = Buffer.alloc(LIMITS.entry + 100, 0x0a);
    const garbage = [Buffer.from('garbage'), huge, Buffer.alloc(40, 0xff), request(huge)];
    const replies = await appendBatch(ledger.log, [
      ...adoptions.map(request),
      ...garbage,
      request(record('a')),
    ]);
    const words = replies
      .map((bytes) => wire.appendReply.decode(bytes))
      .map(({ entry, refusal }) => (entry ? 'entry' : refusal));
    expect(words).toEqual(['entry', 'entry', ...garbage.map(() => 'record-malformed'), 'entry']);
  });

  test('with a record of the largest size is answered; with a larger one, refused', async () => {
    await ledger.append(...adoptions);
    const sized = (size: number) =>
      record('a', { verdict: { decision: 'permit', reason: 'x'.repeat(size) } });
    const room = LIMITS.entry - sized(LIMITS.entry / 2).length + LIMITS.entry / 2;
    expect(sized(room)).toHaveLength(LIMITS.entry);
    expect(await ledger.outcomes(sized(room + 1))).toEqual(['record-malformed']);
    expect(await ledger.outcomes(sized(room))).toEqual([2]);
  });

  test('with a seal whose header cannot be read is refused', async () => {
    await ledger.append(...adoptions);
    const header = seal('a').toString().split('.')[1] ?? '';
    const wrong = [Buffer.alloc(20, 0xff).toString('base64url'), header.slice(0, -4), `${header}${header}`];
    const records = wrong.map((text) => record('a', { seal: Buffer.from(`e30.${text}.AAAA`) }));
    expect(await ledger.outcomes(...records)).toEqual(wrong.map(() => 'record-malformed'));
  });

  test('for what is there already makes no checkpoint, nor does an empty batch', async () => {
    expect(await appendBatch(ledger.log, [])).toEqual([]);
    await ledger.append(...adoptions);
    const { note } = ledger.store.head();
    await ledger.append(...adoptions);
    expect(ledger.store.head().note).toBe(note);
  });
});
