import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint, parseVkey, verifyLog } from '@entente/audit';
import { wire } from '@entente/contract';
import { openForReading } from '@entente/runtime';
import { createSigner, generateKey, messageHash } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appendBatch } from './append-batch.js';
import { type LedgerUnderTest, startLedger, verifyWith } from './fixture/test-ledger.js';
import {
  adoptDirectory,
  adoptPack,
  approval,
  DIRECTORY,
  endOfHold,
  hash,
  hold,
  NOW,
  ORIGIN,
  PACK,
  record,
  seal,
  tempDir,
} from './fixture/test-log.js';
import { folderOf, makeFolder } from './log-folders.js';
import { openLog, vkeyOf } from './open-log.js';

const NEXT = 'entente.example/de/2026';
const NEW_YEAR = Date.parse('2026-01-01T00:00:00Z');
const PART_VERSIONS = { nations: 3, DE: 7 };
const signer = await createSigner(await generateKey('Ed25519'));
const keys = { signer, loadKey: async () => signer };

let temp: ReturnType<typeof tempDir>;
let clock: { nowMs: number };
let ledger: LedgerUnderTest;
beforeEach(async () => {
  temp = tempDir();
  clock = { nowMs: NOW };
  ledger = await startLedger(temp.dir, signer, clock);
  await ledger.append(adoptDirectory(DIRECTORY, PART_VERSIONS), adoptPack(PACK, 5));
});
afterEach(async () => {
  await ledger.ledger.stop();
  temp.remove();
});

const restart = async () => {
  await ledger.ledger.stop();
  ledger = await startLedger(temp.dir, signer, clock);
};
const order = (change: object = {}) =>
  writeFileSync(
    join(temp.dir, 'succession.json'),
    JSON.stringify({ origin: NEXT, reason: 'time-over', from: new Date(NEW_YEAR).toISOString(), ...change }),
  );
const newYear = async () => {
  order();
  await ledger.ledger.turn();
  clock.nowMs = NEW_YEAR;
};
const adoptAgain = async () =>
  await ledger.outcomes(adoptDirectory(DIRECTORY, PART_VERSIONS), adoptPack(PACK, 5));
const nextDir = () => folderOf(temp.dir, NEXT);
const tiles = (origin: string) => join(origin === ORIGIN ? temp.dir : folderOf(temp.dir, origin), 'log');
const verified = async (origin: string) =>
  await verifyLog(tiles(origin), { key: parseVkey(vkeyOf(origin, signer)), origin });
/** The last records of a log's database, or its first ones. */
const records = (dir: string, which: 'first' | 'last') => {
  const db = openForReading(join(dir, 'ledger.sqlite'), 3);
  const way = which === 'first' ? 'ASC' : 'DESC';
  const rows = db.prepare(`SELECT record FROM entry ORDER BY idx ${way} LIMIT 1`).all();
  db.close();
  return wire.record.decode(rows[0]?.record as Uint8Array);
};

describe('when the year of a log ends', () => {
  test('the time of the entry decides in which log it stands', async () => {
    order();
    await ledger.ledger.turn();
    clock.nowMs = NEW_YEAR - 1;
    expect(await ledger.outcomes(record('old'))).toEqual(['2025 3']);
    clock.nowMs = NEW_YEAR;
    expect(await ledger.outcomes(record('new'))).toEqual(['adoption-stale']);
    expect(await adoptAgain()).toEqual(['2026 1', '2026 2']);
    expect(await ledger.outcomes(record('new'))).toEqual(['2026 3']);
    expect([(await verified(ORIGIN)).size, (await verified(NEXT)).size]).toEqual([5, 4]);
    expect([(await verified(ORIGIN)).faults, (await verified(NEXT)).faults]).toEqual([[], []]);
  });

  test('it ends by itself, also when nobody writes', async () => {
    await newYear();
    await ledger.ledger.turn();
    expect((await verified(NEXT)).size).toBe(2);
  });

  test('its last entry names its successor, whose first one names it with its last checkpoint', async () => {
    await newYear();
    await adoptAgain();
    expect(records(temp.dir, 'last')).toMatchObject({
      event: 'log-closed',
      succession: { origin: NEXT, reason: 'time-over', checkpoint: '' },
    });
    const first = records(nextDir(), 'first');
    expect(first).toMatchObject({ event: 'log-opened', succession: { origin: ORIGIN, reason: 'time-over' } });
    const { size, root } = await verified(ORIGIN);
    const named = openCheckpoint(
      first.succession?.checkpoint ?? '',
      parseVkey(vkeyOf(ORIGIN, signer)),
      ORIGIN,
    );
    expect(named).toMatchObject({ size, root });
  });

  test('no message is logged twice: who asks again gets the entry of the old log, also after a restart', async () => {
    const [before] = await ledger.append(record('a'));
    await newYear();
    await adoptAgain();
    const [after] = await ledger.append(record('a'));
    expect(after?.entry?.leaf).toEqual(before?.entry?.leaf);
    await restart();
    expect(await ledger.outcomes(record('a'), record('b'))).toEqual(['2025 3', '2026 4']);
    expect((await verified(ORIGIN)).size).toBe(5);
  });

  test("a sender's id stays taken by the message that used it", async () => {
    await ledger.append(record('a'));
    await newYear();
    await adoptAgain();
    const other = seal('a', 'hotline.de', 'changed');
    const reused = record('a', { seal: other, messageHash: messageHash(other) });
    expect(await ledger.outcomes(reused)).toEqual(['id-reused']);
  });

  test('a hold goes on: it is released in the new log, once, with the words of both', async () => {
    const held = messageHash(seal('held'));
    const word = (id: string, from: string) => approval(id, from, [held]);
    await ledger.append(hold('held'), word('w1', 'court.de'));
    await newYear();
    await adoptAgain();
    const [waiting] = await ledger.append(word('w2', 'court.fr'), word('w3', 'court.de'), hold('held'));
    expect(waiting?.entry).not.toBeNull();
    const [again] = await ledger.append(hold('held'));
    expect(again?.later).toBeNull();
    // The first word of each, and no second one of court.de.
    const named = again?.approvals.map((entry) => verifyWith(signer, entry)) ?? [];
    expect(named.map(({ origin, index }) => `${origin.slice(-4)} ${index}`)).toEqual(['2025 4', '2026 3']);
    const [one, two] = [hash('one').toString('hex'), hash('two').toString('hex')];
    expect(await ledger.outcomes(endOfHold('held', one, 'permit'))).toEqual(['2026 5']);
    expect(await ledger.outcomes(endOfHold('held', two, 'refuse'))).toEqual(['2026 5']);
    const [ended] = await ledger.append(hold('held'));
    expect(verifyWith(signer, ended?.later as wire.EntryFrame)).toMatchObject({ origin: NEXT, index: 5 });
  });

  test('a hold that ended in the old log has that end', async () => {
    const [one, two] = [hash('one').toString('hex'), hash('two').toString('hex')];
    await ledger.append(hold('held'), endOfHold('held', one, 'permit'));
    await newYear();
    await adoptAgain();
    expect(await ledger.outcomes(endOfHold('held', two, 'refuse'))).toEqual(['2025 4']);
  });

  test.each<[string, Uint8Array, string]>([
    ['an older pack', adoptPack(hash('older'), 4), 'version-goes-back'],
    ['another pack under the same version', adoptPack(hash('other'), 5), 'version-goes-back'],
    ['an older part of the directory', adoptDirectory(hash('older'), { DE: 6 }), 'version-goes-back'],
    ['the next pack', adoptPack(hash('newer'), 6), '2026 1'],
  ])('versions carry over: %s', async (_what, adoption, outcome) => {
    await newYear();
    expect(await ledger.outcomes(adoption)).toEqual([outcome]);
  });

  test('no entry of the new log is older than the last one of the old', async () => {
    await newYear();
    clock.nowMs = NEW_YEAR + 5000;
    await adoptAgain();
    clock.nowMs = NOW;
    const [reply] = await ledger.append(record('b'));
    expect(verifyWith(signer, reply?.entry as wire.EntryFrame).leaf.timeMs).toBe(NEW_YEAR + 5000);
  });

  test('the log is signed with another key, if the order names one', async () => {
    const other = await createSigner(await generateKey('Ed25519'));
    await ledger.ledger.stop();
    const loadKey = async () => other;
    ledger = await startLedger(temp.dir, signer, clock, { loadKey });
    order({ key_file: '/keys/2026.key' });
    await ledger.ledger.turn();
    clock.nowMs = NEW_YEAR;
    const [reply] = await ledger.append(adoptDirectory(DIRECTORY, PART_VERSIONS));
    expect(verifyWith(other, reply?.entry as wire.EntryFrame).origin).toBe(NEXT);
    await ledger.ledger.stop();
    ledger = await startLedger(temp.dir, signer, clock, { loadKey });
    const [again] = await ledger.append(adoptPack(PACK, 5));
    expect(verifyWith(other, again?.entry as wire.EntryFrame).index).toBe(3);
  });
});

describe('a crash in the middle of it', () => {
  const closeOld = async () => {
    await ledger.ledger.stop();
    const folder = {
      origin: ORIGIN,
      dir: temp.dir,
      predecessor: '',
      reason: '',
      checkpoint: '',
      vkey: '',
      keyFile: null,
    };
    const log = await openLog(keys, folder, [], { nation: 'DE', now: () => NEW_YEAR });
    const succession = { origin: NEXT, reason: 'time-over', checkpoint: '' };
    await appendBatch(log, [{ event: 'log-closed', succession }]);
    log.store.close();
    return log;
  };
  const expectWhole = async () => {
    clock.nowMs = NEW_YEAR;
    ledger = await startLedger(temp.dir, signer, clock);
    await adoptAgain();
    expect(await ledger.outcomes(record('a'), record('b'))).toEqual(['2025 3', '2026 4']);
    expect((await verified(ORIGIN)).size).toBe(5);
    expect(records(nextDir(), 'first').succession?.checkpoint).toBe(
      readFileSync(join(tiles(ORIGIN), 'checkpoint'), 'utf8'),
    );
  };

  test('after the last entry of the old log: the next start opens the new one, also without its order', async () => {
    await ledger.append(record('a'));
    await closeOld();
    await expectWhole();
  });

  test('before the first entry of the new log: the next start writes it', async () => {
    await ledger.append(record('a'));
    await closeOld();
    const checkpoint = readFileSync(join(tiles(ORIGIN), 'checkpoint'), 'utf8');
    const about = {
      origin: NEXT,
      predecessor: ORIGIN,
      reason: 'time-over',
      checkpoint,
      vkey: '',
      keyFile: null,
    };
    makeFolder({ ...about, dir: nextDir() });
    order();
    await expectWhole();
    expect(existsSync(join(temp.dir, 'succession.json'))).toBe(false);
  });
});

describe('an order that cannot be carried out', () => {
  test.each<[string, object]>([
    ['an origin that was used', { origin: ORIGIN.replace('2025', '2024') }],
    ['no origin', { origin: 'Entente DE 2026' }],
    ['no time', { from: 'soon' }],
    ['no known reason', { reason: 'because' }],
  ])('is an alarm, and the log goes on: %s', async (_what, change) => {
    const used = ORIGIN.replace('2025', '2024');
    mkdirSync(join(temp.dir, 'ended', used.replaceAll('/', '_')), { recursive: true });
    order({ from: new Date(0).toISOString(), ...change });
    await ledger.ledger.turn();
    expect(ledger.alarms.join()).toContain('cannot go on as it was ordered');
    expect(await ledger.outcomes(record('a'))).toEqual(['2025 3']);
  });
});

describe('a ledger that was restored from a backup', () => {
  const backup = () => join(temp.dir, '..', `${temp.dir.split('/').pop()}-backup`);
  afterEach(() => rmSync(backup(), { recursive: true, force: true }));
  const takeBackup = async () => {
    await ledger.ledger.stop();
    cpSync(temp.dir, backup(), { recursive: true });
    ledger = await startLedger(temp.dir, signer, clock);
  };
  /** The database only: its image is what others read, and stays. */
  const restore = async () => {
    await ledger.ledger.stop();
    for (const name of ['ledger.sqlite', 'ledger.sqlite-wal', 'ledger.sqlite-shm']) {
      rmSync(join(temp.dir, name), { force: true });
      if (existsSync(join(backup(), name))) cpSync(join(backup(), name), join(temp.dir, name));
    }
  };

  test('does not go on with less than was published', async () => {
    await takeBackup();
    await ledger.append(record('lost'));
    await restore();
    await expect(startLedger(temp.dir, signer, clock)).rejects.toThrow(/4 were published/);
  });

  test('does not go on where its image was restored as well, and others show more', async () => {
    await takeBackup();
    await ledger.append(record('lost'));
    const seen = readFileSync(join(tiles(ORIGIN), 'checkpoint'), 'utf8');
    await restore();
    rmSync(tiles(ORIGIN), { recursive: true });
    cpSync(join(backup(), 'log'), tiles(ORIGIN), { recursive: true });
    mkdirSync(join(temp.dir, 'seen'));
    writeFileSync(join(temp.dir, 'seen', 'monitor'), seen);
    await expect(startLedger(temp.dir, signer, clock)).rejects.toThrow(/4 were published/);
  });

  test('does not go on with another history of the same size', async () => {
    await takeBackup();
    await ledger.append(record('lost'));
    const seen = readFileSync(join(tiles(ORIGIN), 'checkpoint'), 'utf8');
    await restore();
    rmSync(tiles(ORIGIN), { recursive: true });
    ledger = await startLedger(temp.dir, signer, clock);
    await ledger.append(record('other'));
    await ledger.ledger.stop();
    writeFileSync(join(tiles(ORIGIN), 'checkpoint'), seen);
    await expect(startLedger(temp.dir, signer, clock)).rejects.toThrow(/another history/);
  });

  test('goes on with a copy that holds all that was seen', async () => {
    await ledger.append(record('a'));
    await takeBackup();
    await restore();
    ledger = await startLedger(temp.dir, signer, clock);
    expect(await ledger.outcomes(record('a'), record('b'))).toEqual(['2025 3', '2025 4']);
  });

  test('goes on under another origin that names the old one as others have seen it', async () => {
    await ledger.append(record('kept'));
    await takeBackup();
    const [lost] = await ledger.append(record('lost'));
    const seen = readFileSync(join(tiles(ORIGIN), 'checkpoint'), 'utf8');
    await restore();
    order({ reason: 'restored', from: new Date(NOW).toISOString() });
    ledger = await startLedger(temp.dir, signer, clock);
    expect(records(nextDir(), 'first').succession).toEqual({
      origin: ORIGIN,
      reason: 'restored',
      checkpoint: seen,
    });
    await adoptAgain();
    expect(await ledger.outcomes(record('kept'), record('lost'))).toEqual(['2025 3', '2026 4']);
    // What was proved stays proved; nothing was signed under the old origin again, and what others read of it is still there.
    expect(verifyWith(signer, lost?.entry as wire.EntryFrame)).toMatchObject({ origin: ORIGIN, index: 4 });
    expect(await verified(ORIGIN)).toMatchObject({ size: 5, faults: [] });
    await restart();
    expect(await ledger.outcomes(record('lost'))).toEqual(['2026 4']);
    expect(readFileSync(join(tiles(ORIGIN), 'checkpoint'), 'utf8')).toBe(seen);
  });

  test('goes on under another origin on the word of its operator, where nobody knows what was seen', async () => {
    order({ reason: 'restored', from: new Date(NOW).toISOString() });
    await restart();
    expect(await adoptAgain()).toEqual(['2026 2', '2026 3']);
    expect(records(temp.dir, 'last').event).toBe('adopt-pack');
  });

  test('is not ended by that order while it runs', async () => {
    order({ reason: 'restored', from: new Date(0).toISOString() });
    await ledger.ledger.turn();
    expect(await ledger.outcomes(record('a'))).toEqual(['2025 3']);
  });
});
