import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wire } from '@entente/contract';
import { createSigner, generateKey } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appendBatch } from './append-batch.js';
import { startLedger } from './fixture/test-ledger.js';
import { adoptions, NOW, openTestLog, type TestLog, tempDir, testSigner } from './fixture/test-log.js';
import { createReadLog } from './log-reads.js';
import { logSettings } from './log-settings.js';
import { readErasureOrders, readLegalHold } from './retention-files.js';
import { readAuditorsSignoff, readRetentionSignoff } from './signoff-files.js';

const signer = await testSigner();
let temp: ReturnType<typeof tempDir>;
let ledger: TestLog;
let clock: { nowMs: number };
beforeEach(async () => {
  temp = tempDir();
  clock = { nowMs: NOW };
  ledger = openTestLog(temp.dir, signer, clock);
  await ledger.append(...adoptions);
});
afterEach(() => {
  ledger.close();
  temp.remove();
});

const append = async (notice: Parameters<typeof appendBatch>[1][number]) =>
  await appendBatch(ledger.log, [notice]);
const say = async (days: number, logDays = 90, auditors: readonly string[] = []) =>
  await logSettings({
    log: ledger.log,
    retention: { days, logDays },
    auditors,
    readHold: () => readLegalHold(temp.dir),
    readRetentionSignoff: (retention) => readRetentionSignoff(temp.dir, retention),
    readAuditorsSignoff: (named) => readAuditorsSignoff(temp.dir, named),
    append,
  });
const hold = (value: unknown) => writeFileSync(join(temp.dir, 'legal-hold.json'), JSON.stringify(value));
const said = (event = 'setting') =>
  ledger.store
    .own(event)
    .flatMap(({ record }) => wire.record.decode(record ?? new Uint8Array()).administration ?? []);
const short = () =>
  said().map(({ subject, before, after, added, removed }) =>
    [subject, before, after, added.join('+'), removed.join('+')].join(' ').trim(),
  );

describe('what decides how long something is kept', () => {
  test('is an entry when it changes, and no entry while it does not', async () => {
    for (const days of [90, 90, 60, 60, 90]) await say(days);
    expect(short()).toEqual(['retention  90', 'retention 90 60', 'retention 60 90']);
  });

  test('is an entry with who wanted and approved the change, where that is laid beside it', async () => {
    const sign = (value: unknown) => writeFileSync(join(temp.dir, 'retention.json'), JSON.stringify(value));
    await say(90);
    sign({ days: 60, log_days: 90, proposed_by: 'unit 4', approved_by: ['data protection officer'] });
    await say(60);
    await say(61);
    expect(said().map(({ after, proposedBy, approvedBy }) => [after, proposedBy, ...approvedBy])).toEqual([
      ['90', ''],
      ['60', 'unit 4', 'data protection officer'],
      // What was signed was another change.
      ['61', ''],
    ]);
    sign({ days: 90, log_days: 90, proposed_by: 'a\nb' });
    await expect(say(90)).rejects.toThrow('retention.json');
    sign({ days: 90, proposed_by: 'unit 4' });
    await expect(say(90)).rejects.toThrow('retention.json');
  });

  test('is an entry as well where whole logs are kept for another time', async () => {
    const sign = (value: unknown) => writeFileSync(join(temp.dir, 'retention.json'), JSON.stringify(value));
    await say(60, 90);
    sign({ days: 60, log_days: 70, proposed_by: 'unit 4' });
    await say(60, 70);
    await say(60, 70);
    await say(60, 71);
    expect(said().map((one) => [one.before, one.after, one.logBefore, one.logAfter, one.proposedBy])).toEqual(
      [
        ['', '60', '', '90', ''],
        ['60', '60', '90', '70', 'unit 4'],
        ['60', '60', '70', '71', ''],
      ],
    );
  });

  const COURT = `court ${'ab'.repeat(32)}`;
  const MINISTRY = `ministry ${'cd'.repeat(32)}`;

  test('and who may read it is one, with who wanted and approved it, when an auditor comes, goes or has another token', async () => {
    const sign = (value: unknown) => writeFileSync(join(temp.dir, 'auditors.json'), JSON.stringify(value));
    sign({ auditors: [MINISTRY, COURT], proposed_by: 'unit 4', approved_by: ['legal service'] });
    const other = `court ${'ef'.repeat(32)}`;
    for (const auditors of [[COURT], [COURT, MINISTRY], [COURT, MINISTRY], [other, MINISTRY], [MINISTRY]])
      await say(60, 90, auditors);
    expect(short().slice(1)).toEqual([
      `auditors 0 1 ${COURT}`,
      `auditors 1 2 ${MINISTRY}`,
      `auditors 2 2 ${other} ${COURT}`,
      `auditors 2 1  ${other}`,
    ]);
    expect(said().map(({ proposedBy, approvedBy }) => [proposedBy, ...approvedBy].join())).toEqual([
      ...['', '', 'unit 4,legal service', '', ''],
    ]);
    sign({ auditors: 'court', proposed_by: 'unit 4' });
    await say(60, 90, [MINISTRY]);
    await expect(say(60, 90, [COURT])).rejects.toThrow('auditors.json');
  });

  test('is told apart: a case under legal hold is no auditor, and an auditor is no case', async () => {
    hold({ cases: ['a'] });
    await say(60, 90, [COURT]);
    await say(60, 90, [COURT]);
    hold({ cases: [] });
    await say(60, 90, [COURT]);
    expect(short().slice(1)).toEqual(['legal-hold 0 1 a', `auditors 0 1 ${COURT}`, 'legal-hold 1 0  a']);
  });

  test('is an entry for each case that comes under legal hold, or is so no longer, with who said so', async () => {
    await say(90);
    hold({ cases: ['b', 'a'], proposed_by: 'court 3', approved_by: ['data protection officer'] });
    await say(90);
    await say(90);
    hold({ cases: ['b', 'c'] });
    await say(90);
    hold({ cases: [] });
    await say(90);
    expect(short().slice(1)).toEqual(['legal-hold 0 2 a+b', 'legal-hold 2 2 c a', 'legal-hold 2 0  b+c']);
    expect(said()[1]).toMatchObject({
      proposedBy: 'court 3',
      approvedBy: ['data protection officer'],
    });
  });

  test('names each of very many cases, in entries that fit', async () => {
    const cases = Array.from({ length: 600 }, (_, i) => `case-${i}`);
    hold({ cases });
    await say(90);
    await say(90);
    const named = said().flatMap(({ added }) => added);
    expect([said().length, named.length, new Set(named).size]).toEqual([1 + 3, 600, 600]);
  });

  test.each([
    ['a case in words', { cases: ['Maria Muster'] }],
    ['a case without end', { cases: ['a'.repeat(65)] }],
    ['a person in many lines', { cases: [], proposed_by: 'a\nb' }],
    ['approvers that are no list', { cases: [], approved_by: 'court 3' }],
  ])('is not believed with %s', async (_, value) => {
    hold(value);
    await expect(say(90)).rejects.toThrow('legal-hold.json');
  });
});

test('an order to erase says who wanted it and who agreed, in words that can stand in a log', async () => {
  mkdirSync(join(temp.dir, 'erase'));
  const order = { indices: [1], reason: 'order', reference: 'file 17/26' };
  const write = (name: string, value: object) =>
    writeFileSync(join(temp.dir, 'erase', name), JSON.stringify({ ...order, ...value }));
  write('1.json', { proposed_by: 'unit 4', approved_by: ['legal service'] });
  write('2.json', {});
  write('3.json', { proposed_by: 'a\nb' });
  const [full, bare, wrong] = (await readErasureOrders(temp.dir)).map((one) => one.order);
  expect(full).toMatchObject({ signoff: { proposedBy: 'unit 4', approvedBy: ['legal service'] } });
  expect(bare).toMatchObject({ signoff: { proposedBy: '', approvedBy: [] } });
  expect(wrong).toContain('proposed_by');
  await append(full as Exclude<typeof full, string | undefined>);
  const { record } = ledger.store.own('erasure')[0] ?? {};
  expect(wire.record.decode(record ?? new Uint8Array()).erasure).toMatchObject({
    ...{ proposedBy: 'unit 4', approvedBy: ['legal service'], reference: 'file 17/26' },
  });
});

describe('an auditor that reads', () => {
  const HOUR_MS = 3_600_000;

  test('is an entry at once, and what follows within the hour one more when that is over', async () => {
    const reads = createReadLog({ now: () => clock.nowMs, append });
    await Promise.all([3, 4, 1, 2].map((bundle) => reads.note('court', bundle)));
    await reads.note('ministry', 9);
    await reads.flush();
    expect(said('read').map(({ reader, bundles }) => `${reader} ${bundles}`)).toEqual([
      'court 1',
      'ministry 1',
    ]);
    clock.nowMs += HOUR_MS;
    await reads.flush();
    expect(said('read')).toHaveLength(3);
    expect(said('read')[2]).toMatchObject({
      ...{ subject: 'read', reader: 'court', bundles: 3, firstBundle: 1, lastBundle: 4 },
      ...{ fromMs: NOW, toMs: NOW },
    });
    await reads.note('court', 3);
    expect(said('read')).toHaveLength(4);
  });

  test('of which the log cannot say so has read nothing, and is asked for again', async () => {
    let isBroken = true;
    const reads = createReadLog({
      now: () => clock.nowMs,
      append: async (notice) => {
        if (isBroken) throw new Error('the disk is full');
        await append(notice);
      },
    });
    await expect(reads.note('court', 1)).rejects.toThrow('the disk is full');
    isBroken = false;
    await reads.note('court', 1);
    expect(said('read')).toHaveLength(1);
  });

  test('is on record with all that it read when the ledger stops', async () => {
    const reads = createReadLog({ now: () => clock.nowMs, append });
    for (const bundle of [0, 1, 2]) await reads.note('court', bundle);
    await reads.flush(true);
    expect(said('read').map(({ bundles }) => bundles)).toEqual([1, 2]);
  });
});

test('an auditor reads nothing from a ledger that could not put its settings on record, until it has', async () => {
  const other = tempDir();
  const file = join(other.dir, 'legal-hold.json');
  writeFileSync(file, '{"case": []}');
  const { ledger: open } = await startLedger(
    other.dir,
    await createSigner(await generateKey('Ed25519')),
    clock,
  );
  try {
    await expect(open.noteRead('court', 0)).rejects.toThrow('does not say yet who may read it');
    writeFileSync(file, '{"cases": []}');
    await open.turn();
    await open.noteRead('court', 0);
  } finally {
    await open.stop();
    other.remove();
  }
});
