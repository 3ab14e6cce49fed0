import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSigner, generateKey } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appendBatch } from './append-batch.js';
import { type LedgerUnderTest, startLedger } from './fixture/test-ledger.js';
import { anyClock, NOW, ORIGIN, record, tempDir } from './fixture/test-log.js';
import {
  adoptAgain,
  endRecord,
  NEW_YEAR,
  NEXT,
  orderNext,
  tilesAt,
  verifiedLog,
} from './fixture/test-succession.js';
import { folderOf, makeFolder } from './log-folders.js';
import { openLog } from './open-log.js';

const signer = await createSigner(await generateKey('Ed25519'));
const keys = { signer, loadKey: async () => signer };

let temp: ReturnType<typeof tempDir>;
let clock: { nowMs: number };
let ledger: LedgerUnderTest;
beforeEach(async () => {
  temp = tempDir();
  clock = { nowMs: NOW };
  ledger = await startLedger(temp.dir, signer, clock);
  await adoptAgain(ledger);
});
afterEach(async () => {
  await ledger.ledger.stop();
  temp.remove();
});

const nextDir = () => folderOf(temp.dir, NEXT);
const tiles = (origin: string) => tilesAt(temp.dir, origin);
const SIGNOFF = { proposedBy: 'unit 4', approvedBy: ['legal service'] };

describe('a crash when the year of a log ends', () => {
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
      signoff: { proposedBy: '', approvedBy: [] },
    };
    const log = await openLog(keys, folder, [], {
      nation: 'DE',
      now: () => NEW_YEAR,
      clock: anyClock(() => NEW_YEAR),
      tellFault: () => undefined,
      tellAppended: () => undefined,
    });
    const succession = { origin: NEXT, reason: 'time-over', checkpoint: '', ...SIGNOFF };
    await appendBatch(log, [{ event: 'log-closed', succession }]);
    log.store.close();
    return log;
  };
  const expectWhole = async () => {
    clock.nowMs = NEW_YEAR;
    ledger = await startLedger(temp.dir, signer, clock);
    await adoptAgain(ledger);
    expect(await ledger.outcomes(record('a'), record('b'))).toEqual(['2025 3', '2026 4']);
    expect((await verifiedLog(temp.dir, ORIGIN, signer)).size).toBe(5);
    const checkpoint = readFileSync(join(tiles(ORIGIN), 'checkpoint'), 'utf8');
    expect(endRecord(nextDir(), 'first').succession).toMatchObject({ checkpoint, ...SIGNOFF });
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
      signoff: SIGNOFF,
    };
    makeFolder({ ...about, dir: nextDir() });
    orderNext(temp.dir);
    await expectWhole();
    expect(existsSync(join(temp.dir, 'succession.json'))).toBe(false);
  });
});
