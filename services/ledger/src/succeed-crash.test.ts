import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { appendBatch } from './append-batch.js';
import { ledgerOfAYear } from './fixture/ledger-of-a-year.js';
import { anyClock, EACH_BATCH, ORIGIN, record } from './fixture/test-log.js';
import { adoptAgain, endRecord, NEW_YEAR, NEXT } from './fixture/test-succession.js';
import { makeFolder } from './log-folders.js';
import { openLog } from './open-log.js';

const year = await ledgerOfAYear();
const { signer, start, stop, order, nextDir, tiles, verified } = year;
const keys = { signer, loadKey: async () => signer };
const SIGNOFF = { proposedBy: 'unit 4', approvedBy: ['legal service'] };

describe('a crash when the year of a log ends', () => {
  const closeOld = async () => {
    await stop();
    const folder = {
      origin: ORIGIN,
      dir: year.dir,
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
      imageOptions: EACH_BATCH,
    });
    const succession = { origin: NEXT, reason: 'time-over', checkpoint: '', ...SIGNOFF };
    await appendBatch(log, [{ event: 'log-closed', succession }]);
    log.store.close();
    return log;
  };
  const expectWhole = async () => {
    year.clock.nowMs = NEW_YEAR;
    await start();
    await adoptAgain(year.ledger);
    expect(await year.ledger.outcomes(record('a'), record('b'))).toEqual(['2025 3', '2026 4']);
    expect((await verified(ORIGIN)).size).toBe(5);
    const checkpoint = readFileSync(join(tiles(ORIGIN), 'checkpoint'), 'utf8');
    expect(endRecord(nextDir(), 'first').succession).toMatchObject({ checkpoint, ...SIGNOFF });
  };

  test('after the last entry of the old log: the next start opens the new one, also without its order', async () => {
    await year.ledger.append(record('a'));
    await closeOld();
    await expectWhole();
  });

  test('before the first entry of the new log: the next start writes it', async () => {
    await year.ledger.append(record('a'));
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
    order();
    await expectWhole();
    expect(existsSync(join(year.dir, 'succession.json'))).toBe(false);
  });
});
