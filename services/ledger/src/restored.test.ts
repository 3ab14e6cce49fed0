import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { wire } from '@entente/contract';
import { backupDatabase, openForReading } from '@entente/runtime';
import { afterEach, describe, expect, test } from 'vitest';
import { ledgerOfAYear } from './fixture/ledger-of-a-year.js';
import { verifyWith } from './fixture/test-ledger.js';
import { NOW, ORIGIN, record } from './fixture/test-log.js';
import { adoptAgain, endRecord } from './fixture/test-succession.js';
import { SCHEMA } from './store.js';

const MAY_BE_OLDER = /may be older than what others have seen/;

const year = await ledgerOfAYear();
const { signer, start, stop, restart, order, nextDir, tiles, verified } = year;

describe('a ledger that was restored from a backup', () => {
  const backup = () => join(year.dir, '..', `${year.dir.split('/').pop()}-backup`);
  afterEach(() => rmSync(backup(), { recursive: true, force: true }));
  const takeBackup = async () => {
    await stop();
    cpSync(year.dir, backup(), { recursive: true });
    await start();
  };
  /** The database only: its image is what others read, and stays. */
  const restore = async () => {
    await stop();
    for (const name of ['ledger.sqlite', 'ledger.sqlite-wal', 'ledger.sqlite-shm']) {
      rmSync(join(year.dir, name), { force: true });
      if (existsSync(join(backup(), name))) cpSync(join(backup(), name), join(year.dir, name));
    }
  };

  const showSeen = (note: string) => {
    mkdirSync(join(year.dir, 'seen'));
    writeFileSync(join(year.dir, 'seen', 'monitor'), note);
  };
  const checkpointInDatabase = (): string => {
    const db = openForReading(join(year.dir, 'ledger.sqlite'), SCHEMA);
    const { note } = db.prepare('SELECT note FROM head').get() ?? {};
    db.close();
    return String(note);
  };
  /** The disk is lost, and what `entente backup` gave is put back. */
  const backUpNow = async ({ isImageKept = false } = {}) => {
    const copy = join(backup(), 'copy.sqlite');
    mkdirSync(backup());
    backupDatabase(join(year.dir, 'ledger.sqlite'), copy);
    await stop();
    const lost = readdirSync(year.dir).filter((name) => !(isImageKept && name === 'log'));
    for (const name of lost) rmSync(join(year.dir, name), { recursive: true });
    copyFileSync(copy, join(year.dir, 'ledger.sqlite'));
  };
  /** The disk is lost, and files of it that were copied while the ledger stood still are put back. */
  const copyNow = async (isCopied: (name: string) => boolean) => {
    await stop();
    cpSync(year.dir, backup(), { recursive: true });
    rmSync(year.dir, { recursive: true });
    mkdirSync(year.dir);
    for (const name of readdirSync(backup()).filter(isCopied))
      cpSync(join(backup(), name), join(year.dir, name), { recursive: true, preserveTimestamps: true });
  };

  test('does not go on with less than was published', async () => {
    await takeBackup();
    await year.ledger.append(record('lost'));
    await restore();
    await expect(start()).rejects.toThrow(/4 were published/);
  });

  test('does not go on where its image was restored as well, and others show more', async () => {
    await takeBackup();
    await year.ledger.append(record('lost'));
    const seen = readFileSync(join(tiles(ORIGIN), 'checkpoint'), 'utf8');
    await restore();
    rmSync(tiles(ORIGIN), { recursive: true });
    cpSync(join(backup(), 'log'), tiles(ORIGIN), { recursive: true });
    showSeen(seen);
    await expect(start()).rejects.toThrow(/4 were published/);
  });

  test('does not go on with another history of the same size', async () => {
    await takeBackup();
    await year.ledger.append(record('lost'));
    const seen = readFileSync(join(tiles(ORIGIN), 'checkpoint'), 'utf8');
    await restore();
    rmSync(tiles(ORIGIN), { recursive: true });
    showSeen(readFileSync(join(backup(), 'log', 'checkpoint'), 'utf8'));
    await start();
    await year.ledger.append(record('other'));
    await stop();
    writeFileSync(join(tiles(ORIGIN), 'checkpoint'), seen);
    await expect(start()).rejects.toThrow(/another history/);
  });

  test('goes on by nothing that was laid there before it was a copy', async () => {
    await year.ledger.append(record('a'));
    showSeen(readFileSync(join(tiles(ORIGIN), 'checkpoint'), 'utf8'));
    await restart();
    await takeBackup();
    await restore();
    await expect(start()).rejects.toThrow(MAY_BE_OLDER);
  });

  test('goes on with a copy that holds all that was seen, once', async () => {
    await year.ledger.append(record('a'));
    await takeBackup();
    await restore();
    showSeen(readFileSync(join(tiles(ORIGIN), 'checkpoint'), 'utf8'));
    await start();
    expect(await year.ledger.outcomes(record('a'), record('b'))).toEqual(['2025 3', '2025 4']);
    await restart();
    // What was seen then says nothing about the next copy.
    await takeBackup();
    await restore();
    await expect(start()).rejects.toThrow(MAY_BE_OLDER);
  });

  test.each<[string, () => void | Promise<void>]>([
    ['a backup, where the image was lost', () => backUpNow()],
    ['a backup, where the image is still there', () => backUpNow({ isImageKept: true })],
    ['a copy of the database alone', () => copyNow((name) => name.startsWith('ledger.sqlite'))],
    ['a copy of the whole folder, where all else agrees', () => copyNow(() => true)],
  ])('does not start with %s, and goes on under another origin', async (_what, putBack) => {
    await year.ledger.append(record('a'));
    await putBack();
    await expect(start()).rejects.toThrow(MAY_BE_OLDER);
    await expect(start()).rejects.toThrow(/entente ledger succeed --restored/);
    order({ reason: 'restored', from: new Date(NOW).toISOString() });
    await start();
    await adoptAgain(year.ledger);
    expect(await year.ledger.outcomes(record('b'))).toEqual(['2026 4']);
    await restart();
    expect(await year.ledger.outcomes(record('b'))).toEqual(['2026 4']);
  });

  test('is not known from a backup that it only gave', async () => {
    backupDatabase(join(year.dir, 'ledger.sqlite'), join(year.dir, 'copy.sqlite'));
    await restart();
    expect(await year.ledger.outcomes(record('a'))).toEqual(['2025 3']);
  });

  test('writes its image again where that alone was lost, as after a power cut', async () => {
    await stop();
    rmSync(tiles(ORIGIN), { recursive: true });
    await start();
    expect(await verified(ORIGIN)).toMatchObject({ size: 3, faults: [] });
  });

  test('that never noted its database is known by its image, and notes it', async () => {
    await stop();
    rmSync(join(year.dir, 'database.json'));
    rmSync(tiles(ORIGIN), { recursive: true });
    await expect(start()).rejects.toThrow(MAY_BE_OLDER);
    await expect(start()).rejects.toThrow(MAY_BE_OLDER);
    showSeen(checkpointInDatabase());
    await start();
    expect(existsSync(join(year.dir, 'database.json'))).toBe(true);
  });

  test('goes on under another origin that names the old one as others have seen it', async () => {
    await year.ledger.append(record('kept'));
    await takeBackup();
    const [lost] = await year.ledger.append(record('lost'));
    const seen = readFileSync(join(tiles(ORIGIN), 'checkpoint'), 'utf8');
    await restore();
    order({ reason: 'restored', from: new Date(NOW).toISOString(), proposed_by: 'unit 4' });
    await start();
    expect(endRecord(nextDir(), 'first').succession).toEqual({
      proposedBy: 'unit 4',
      approvedBy: [],
      origin: ORIGIN,
      reason: 'restored',
      checkpoint: seen,
    });
    await adoptAgain(year.ledger);
    expect(await year.ledger.outcomes(record('kept'), record('lost'))).toEqual(['2025 3', '2026 4']);
    // What was proved stays proved; nothing was signed under the old origin again, and what others read of it is still there.
    expect(verifyWith(signer, lost?.entry as wire.EntryFrame)).toMatchObject({ origin: ORIGIN, index: 4 });
    expect(await verified(ORIGIN)).toMatchObject({ size: 5, faults: [] });
    await restart();
    expect(await year.ledger.outcomes(record('lost'))).toEqual(['2026 4']);
    expect(readFileSync(join(tiles(ORIGIN), 'checkpoint'), 'utf8')).toBe(seen);
  });

  test('goes on under another origin on the word of its operator, where nobody knows what was seen', async () => {
    order({ reason: 'restored', from: new Date(NOW).toISOString() });
    await restart();
    expect(await adoptAgain(year.ledger)).toEqual(['2026 2', '2026 3']);
    expect(endRecord(year.dir, 'last').event).toBe('adopt-pack');
  });

  test('is not ended by that order while it runs', async () => {
    order({ reason: 'restored', from: new Date(0).toISOString() });
    await year.ledger.ledger.turn();
    expect(await year.ledger.outcomes(record('a'))).toEqual(['2025 3']);
  });
});
