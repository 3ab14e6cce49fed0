import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyLog } from '@entente/audit';
import { newId, wire } from '@entente/contract';
import { type Logger, openForReading } from '@entente/runtime';
import { messageHash } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { appendBatch } from './append-batch.js';
import {
  adoptions,
  endOfHold,
  hold,
  NOW,
  openTestLog,
  record,
  type TestLog,
  tempDir,
  testSigner,
} from './fixture/test-log.js';
import { createRetention } from './retain.js';

const DAY_MS = 86_400_000;
const DAYS = 90;
const signer = await testSigner();
const alarm = vi.fn();
const logger = { info: () => undefined, error: alarm } as unknown as Logger;

let temp: ReturnType<typeof tempDir>;
let ledger: TestLog;
let clock: { nowMs: number };
beforeEach(async () => {
  alarm.mockClear();
  temp = tempDir();
  clock = { nowMs: NOW };
  ledger = openTestLog(temp.dir, signer, clock);
  await ledger.append(...adoptions, record('a'), ofCase('b', 'case-b'), record('c'));
});
afterEach(() => {
  ledger.close();
  temp.remove();
});

function ofCase(id: string, caseId: string): Uint8Array {
  const header = Buffer.from(wire.header.encode({ protocol: 1, id, caseId, from: 'hotline.de' }));
  return record(id, { seal: Buffer.from(`e30.${header.toString('base64url')}.AAAA`) });
}

const retention = (store = ledger.store) => {
  const log = { ...ledger.log, store };
  const erase = async (request: Parameters<Parameters<typeof createRetention>[0]['erase']>[0]) =>
    await appendBatch(log, [request]);
  return createRetention({ log: () => log, days: DAYS, dir: temp.dir, logger, erase });
};
const turn = async () => await retention()();
const order = (name: string, value: unknown) => {
  mkdirSync(join(temp.dir, 'erase'), { recursive: true });
  writeFileSync(join(temp.dir, 'erase', name), typeof value === 'string' ? value : JSON.stringify(value));
};
const kept = () => ledger.store.keptFrom(0, 100).map(({ index }) => index);
const erasures = () =>
  ledger.store
    .keptFrom(0, 100)
    .flatMap((entry) => wire.record.decode(entry.record ?? new Uint8Array()).erasure ?? []);
const bytesHold = (text: string) =>
  readdirSync(temp.dir).some((name) => {
    const path = join(temp.dir, name);
    return name.startsWith('ledger.sqlite') && readFileSync(path).includes(text);
  });
const verified = async () =>
  (await verifyLog(ledger.tilesDir, { key: signer.key, origin: signer.key.name })).faults;

describe('what is over', () => {
  test('stays until its day, and is gone after it, with an entry that says so', async () => {
    clock.nowMs = NOW + DAYS * DAY_MS;
    await turn();
    expect(kept()).toEqual([0, 1, 2, 3, 4]);
    clock.nowMs += 1;
    await turn();
    expect(kept()).toEqual([0, 1, 5]);
    expect(erasures()).toMatchObject([
      { indices: [2, 3, 4], reason: 'time-over', reference: 'RETENTION_DAYS 90' },
    ]);
    expect(await verified()).toEqual([]);
    await turn();
    expect(kept()).toEqual([0, 1, 5]);
  });

  test('is not in any file of the database any more', async () => {
    const seal = Buffer.from(wire.record.decode(record('a')).seal).toString('latin1');
    expect(bytesHold(seal)).toBe(true);
    clock.nowMs = NOW + DAYS * DAY_MS + 1;
    await turn();
    expect(bytesHold(seal)).toBe(false);
  });

  test('is taken out of the journal as soon as nobody reads an older state', async () => {
    const seal = Buffer.from(wire.record.decode(record('a')).seal).toString('latin1');
    const reader = openForReading(join(temp.dir, 'ledger.sqlite'), 99);
    reader.prepare('BEGIN').run();
    reader.prepare('SELECT count(*) FROM entry').get();
    clock.nowMs = NOW + DAYS * DAY_MS + 1;
    const again = retention();
    await again();
    expect(kept()).toEqual([0, 1, 5]);
    expect(bytesHold(seal)).toBe(true);
    reader.prepare('COMMIT').run();
    reader.close();
    await again();
    expect(bytesHold(seal)).toBe(false);
  });

  test('stays where its case is under legal hold, and goes when that is lifted', async () => {
    const file = join(temp.dir, 'legal-hold.json');
    writeFileSync(file, JSON.stringify({ cases: ['case-b'] }));
    clock.nowMs = NOW + DAYS * DAY_MS + 1;
    await turn();
    expect(kept()).toEqual([0, 1, 3, 5]);
    writeFileSync(file, JSON.stringify({ cases: [] }));
    await turn();
    expect(kept()).toEqual([0, 1, 5, 6]);
  });

  test('stays where one seal speaks of a case under legal hold as well, whatever case it names itself', async () => {
    const hashOf = (bytes: Uint8Array) => wire.record.decode(bytes).messageHash;
    const about = (...messages: Uint8Array[]) => {
      const named = messages.map((message) => ({ messageId: newId(), messageHash: hashOf(message) }));
      const statement = { evidence: 'delivered', about: named };
      const header = wire.header.encode({
        protocol: 1,
        id: newId(),
        caseId: 'case-a',
        from: 'isp.fr',
        statement,
      });
      const sealed = Buffer.from(`e30.${Buffer.from(header).toString('base64url')}.AAAA`);
      return record('', { event: 'evidence', seal: sealed, messageHash: messageHash(sealed) });
    };
    await ledger.append(about(record('a'), ofCase('b', 'case-b')), about(record('a'), record('c')));
    writeFileSync(join(temp.dir, 'legal-hold.json'), JSON.stringify({ cases: ['case-b'] }));
    clock.nowMs = NOW + DAYS * DAY_MS + 1;
    await turn();
    expect(kept()).toEqual([0, 1, 3, 5, 7]);
  });

  test('goes where its seal was rejected for having no header that can be read, also while a case is under legal hold', async () => {
    const sealed = Buffer.from('a.CAFF.c');
    const verdict = { decision: 'refuse', code: 'header-malformed' };
    await ledger.append(
      record('', { event: 'rejection', seal: sealed, messageHash: messageHash(sealed), verdict }),
    );
    writeFileSync(join(temp.dir, 'legal-hold.json'), JSON.stringify({ cases: ['case-b'] }));
    clock.nowMs = NOW + DAYS * DAY_MS + 1;
    await turn();
    expect(kept()).toEqual([0, 1, 3, 6]);
  });

  test('stays where a legal hold cannot be read', async () => {
    writeFileSync(join(temp.dir, 'legal-hold.json'), 'case-b');
    clock.nowMs = NOW + DAYS * DAY_MS + 1;
    await expect(turn()).rejects.toThrow('legal-hold.json is no legal hold');
    expect(kept()).toEqual([0, 1, 2, 3, 4]);
  });

  test('is looked at a page at a time, between which others have their turn, and what stays is not looked at again', async () => {
    await ledger.append(...Array.from({ length: 600 }, (_, i) => ofCase(`held-${i}`, 'case-b')));
    const file = join(temp.dir, 'legal-hold.json');
    writeFileSync(file, JSON.stringify({ cases: ['case-b'] }));
    clock.nowMs = NOW + DAYS * DAY_MS + 1;
    let turns = 0;
    const count = () => {
      turns += 1;
      ticking = setImmediate(count);
    };
    let ticking = setImmediate(count);
    const pages: { readonly entries: number; readonly turns: number }[] = [];
    const keptFrom: typeof ledger.store.keptFrom = (index, limit) => {
      const page = ledger.store.keptFrom(index, limit);
      pages.push({ entries: page.length, turns });
      return page;
    };
    const again = retention({ ...ledger.store, keptFrom });
    await again();
    clearImmediate(ticking);
    expect(pages.map(({ entries }) => entries)).toEqual([256, 256, 94]);
    expect(new Set(pages.map((page) => page.turns)).size).toBe(3);
    await again();
    expect(pages.slice(3).map(({ entries }) => entries)).toEqual([1]);
    writeFileSync(file, JSON.stringify({ cases: [] }));
    await again();
    expect(erasures().flatMap(({ indices }) => indices)).toHaveLength(603);
  });

  test('goes in as many entries as it takes', async () => {
    await ledger.append(...Array.from({ length: 600 }, () => record(newId())));
    clock.nowMs = NOW + DAYS * DAY_MS + 1;
    await turn();
    expect(erasures().flatMap(({ indices }) => indices)).toHaveLength(603);
    expect(await verified()).toEqual([]);
  });
});

describe('an order to erase', () => {
  const good = { indices: [2, 4], reason: 'order', reference: 'court file 17/26' };

  test('is carried out at once, and kept', async () => {
    order('17.json', good);
    await turn();
    expect(kept()).toEqual([0, 1, 3, 5]);
    expect(erasures()).toMatchObject([good]);
    expect(existsSync(join(temp.dir, 'erase', '17.json.done'))).toBe(true);
    order('18.json', good);
    await turn();
    expect(erasures()).toMatchObject([good]);
  });

  test.each<[string, unknown]>([
    ['no JSON', 'erase all'],
    ['no entries', { ...good, indices: [] }],
    ['entries that do not rise', { ...good, indices: [4, 2] }],
    ['an entry twice', { ...good, indices: [2, 2] }],
    ['no number', { ...good, indices: ['2'] }],
    ['an entry that is not there', { ...good, indices: [2, 99] }],
    ['an adoption', { ...good, indices: [0, 2] }],
    ['another reason', { ...good, reason: 'because' }],
    ['what the ledger itself says of what is over', { ...good, reason: 'time-over' }],
    ['no reference', { ...good, reference: '' }],
    ['a reference of two lines', { ...good, reference: 'court file\n17/26' }],
    ['a reference longer than a line', { ...good, reference: 'x'.repeat(201) }],
    ['more than it may name', { ...good, indices: Array.from({ length: 257 }, (_, i) => i) }],
  ])('is refused whole with %s', async (_what, value) => {
    order('17.json', value);
    await turn();
    expect(kept()).toEqual([0, 1, 2, 3, 4]);
    expect(existsSync(join(temp.dir, 'erase', '17.json.refused'))).toBe(true);
    expect(alarm).toHaveBeenCalledOnce();
  });

  test('is told from what is no JSON, in words', async () => {
    order('17.json', '{"indices": [2, 4],}');
    await turn();
    expect(alarm.mock.calls[0]?.[0]).toMatchObject({
      order: '17.json',
      problem: expect.stringContaining('it is no JSON object: '),
    });
  });

  test('that cannot be read is refused, and holds up no other', async () => {
    mkdirSync(join(temp.dir, 'erase', '16.json'), { recursive: true });
    order('17.json', good);
    await turn();
    expect(alarm.mock.calls[0]?.[0]).toMatchObject({
      order: '16.json',
      problem: 'it is no file',
    });
    expect(readdirSync(join(temp.dir, 'erase'))).toEqual(['16.json.refused', '17.json.done']);
    expect(kept()).toEqual([0, 1, 3, 5]);
  });

  test('is not taken for none where the folder of orders cannot be read', async () => {
    writeFileSync(join(temp.dir, 'erase'), '');
    await expect(turn()).rejects.toThrow('ENOTDIR');
  });

  test('does not reach a case under legal hold', async () => {
    writeFileSync(join(temp.dir, 'legal-hold.json'), JSON.stringify({ cases: ['case-b'] }));
    order('17.json', { ...good, indices: [2, 3] });
    await turn();
    expect(kept()).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('after an erasure', () => {
  test('the same message gets no second entry, and another may have its id', async () => {
    order('17.json', { indices: [2], reason: 'request', reference: 'dpo 3' });
    await turn();
    expect(await ledger.outcomes(record('a'))).toEqual(['erased']);
    expect(await ledger.outcomes(record('a', { decidedAtMs: NOW + 1, stage: 'inside' }))).toEqual([6]);
  });

  test('of a hold that waits, nothing ends it any more, neither a word nor its time', async () => {
    expect(await ledger.outcomes(hold('held'))).toEqual([5]);
    order('17.json', { indices: [5], reason: 'order', reference: 'court file 17/26' });
    await turn();
    const ends = [endOfHold('held', 'a'.repeat(64), 'permit'), endOfHold('held', 'overdue', 'refuse')];
    expect(await ledger.outcomes(...ends, hold('held'))).toEqual(['no-hold', 'no-hold', 'erased']);
  });

  test('nobody erases through the gate', async () => {
    const erasure = { indices: [2], reason: 'order', reference: 'x' };
    const forged = wire.record.encode({ nation: 'DE', event: 'erasure', erasure });
    expect(await ledger.outcomes(forged, record('z', { erasure }))).toEqual([
      'record-malformed',
      'record-malformed',
    ]);
    expect(kept()).toEqual([0, 1, 2, 3, 4]);
  });
});
