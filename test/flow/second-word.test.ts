import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditLog } from '@entente/cli';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeNation } from '../bench/build-log.mjs';
import { harm } from '../kit/harm.js';
import { approvalIn, CROSSINGS, openLedger } from '../kit/ledger-log.js';

// Whoever may release a message says so twice: the ledger keeps both entries, and the first word as the one that counts.

// Its ledger begins with its settings.
const MESSAGE = CROSSINGS + 1;
const [FIRST, SECOND] = [MESSAGE + 1, MESSAGE + 2];
let dir: string;
let source: Awaited<ReturnType<typeof makeNation>>['source'];
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'entente-word-'));
  const log = await makeNation(dir, { crossings: CROSSINGS, distinct: CROSSINGS + 1 });
  source = log.source;
  const ledger = await openLedger(log);
  await ledger.append(Array.from({ length: CROSSINGS + 1 }, (_, i) => log.recordAt(i).record));
  await ledger.append([await approvalIn(log), await approvalIn(log)]);
  await ledger.stop();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const erase = (index: number) =>
  harm(source, `UPDATE entry SET salt = NULL, record = NULL WHERE idx = ${index}`);
const forget = () => harm(source, 'DELETE FROM approval');
const found = async () =>
  (await auditLog(source, { verdicts: false })).faults.flatMap(({ index, code }) =>
    code === 'database-differs' ? [index] : [],
  );

it('of which the first is erased, with what was kept of it: the ledger has changed nothing else', async () => {
  expect(await found()).toEqual([]);
  erase(FIRST);
  forget();
  expect(await found()).toEqual([]);
});

it('of which nothing is kept any more, though the first is there: that is found', async () => {
  forget();
  expect(await found()).toEqual([FIRST, SECOND]);
  erase(MESSAGE);
  expect(await found()).toEqual([FIRST, SECOND]);
});
