import { readFileSync } from 'node:fs';
import type { Referral, Submission } from '@entente/contract';
import { watchClock } from '@entente/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endRetention } from './end-retention.js';
import { eraseCase } from './erase-case.js';
import { onDisk as filesOf, logOf, readOlderState, type TestEdge, testEdge } from './fixture/test-edge.js';
import type { Person } from './log-access.js';
import { beginLegalHold } from './set-legal-hold.js';
import { keep } from './submit.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const SECRET = 'words-that-have-to-go';
const WHY = { reason: 'request', reference: 'request 12/26' } as const;
const ORDER = { ...WHY, signoff: { proposedBy: 'unit 4', approvedBy: ['legal service'] } };
const ANNA: Person = { actor: `pn:${'a'.repeat(32)}`, justification: 'she has asked for it' };

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge();
});
afterEach(() => own.close());

/** A referral that was sent, and may be kept for years. */
function sent(summary: string): { readonly id: string; readonly caseId: string } {
  const { edge, clock } = own;
  const content = { ...(submission.content as Referral), summary };
  return keep(edge, { ...submission, content }, { key: null, createdMs: clock.ms });
}
const conclude = (id: string) =>
  own.edge.outbox.conclude(id, { outcome: 'delivered', code: '', reason: '', atMs: own.clock.ms });
const onDisk = () => filesOf(own);

test('contents of one case go at once, from the disk as well, and it is said why', async () => {
  const { edge, clock } = own;
  const [one, other] = [sent(SECRET), sent('words of another case')];
  for (const { id } of [one, other]) conclude(id);
  expect(await eraseCase(edge, one.caseId, ORDER, ANNA)).toEqual({
    ...{ messages: 1, waiting: 0, proofs: 1, quarantined: 0, overwritten: true },
  });
  expect(onDisk()).not.toContain(SECRET);
  expect(onDisk()).toContain('words of another case');
  expect(edge.outbox.find(one.id)).toMatchObject({ removedMs: clock.ms, outcome: 'delivered' });
  expect(edge.erasures.list(10)).toEqual([
    { caseId: one.caseId, ...WHY, atMs: clock.ms, messages: 1, actor: ANNA.actor },
  ]);
});

test('the answer says so where another process still reads what went', async () => {
  const { edge } = own;
  const { id, caseId } = sent(SECRET);
  conclude(id);
  const reader = readOlderState(own);
  expect(await eraseCase(edge, caseId, ORDER, ANNA)).toMatchObject({ waiting: 0, overwritten: false });
  expect(onDisk()).toContain(SECRET);
  reader.end();
  await endRetention(edge);
  expect(onDisk()).not.toContain(SECRET);
});

test('what is under way goes when it has its outcome', async () => {
  const { edge } = own;
  const { id, caseId } = sent(SECRET);
  expect(await eraseCase(edge, caseId, ORDER, ANNA)).toEqual({
    ...{ messages: 1, waiting: 1, proofs: 0, quarantined: 0, overwritten: true },
  });
  expect(edge.outbox.find(id)?.removedMs).toBeNull();
  conclude(id);
  await endRetention(edge);
  expect(onDisk()).not.toContain(SECRET);
});

test('who has ordered it and what went by it are in the log of accesses, each when it was so', async () => {
  const { edge, clock } = own;
  const [done, waiting] = [sent(SECRET), sent(SECRET)];
  conclude(done.id);
  await eraseCase(edge, done.caseId, ORDER, ANNA);
  await eraseCase(edge, waiting.caseId, ORDER, ANNA);
  const why = { detail: 'request', reference: 'request 12/26' };
  const order = {
    ...{ at_ms: clock.ms, ...ANNA, what: 'erasure-order', message_id: '', ...why },
    ...{ proposed_by: 'unit 4', approved_by: ['legal service'] },
  };
  const erasure = { at_ms: clock.ms, actor: ANNA.actor, what: 'erasure', justification: '', ...why };
  const before = [
    { ...order, case_id: done.caseId },
    { ...erasure, case_id: done.caseId, message_id: done.id },
    { ...order, case_id: waiting.caseId },
  ];
  expect(logOf(edge)).toEqual(before);
  clock.ms += 1000;
  conclude(waiting.id);
  await endRetention(edge);
  expect(logOf(edge)).toEqual([
    ...before,
    { ...erasure, at_ms: clock.ms, case_id: waiting.caseId, message_id: waiting.id },
  ]);
});

test('a legal hold stops it, and nothing is said to have been erased', async () => {
  const { edge, clock } = own;
  const { id, caseId } = sent(SECRET);
  conclude(id);
  edge.legalHolds.put(caseId, 'court file 17/26', clock.ms);
  expect(await eraseCase(edge, caseId, ORDER, ANNA)).toBe('held');
  expect(onDisk()).toContain(SECRET);
  expect(edge.erasures.list(10)).toEqual([]);
  expect(logOf(edge)).toEqual([]);
  // A hold that comes after the order keeps what is not gone yet.
  const other = sent(SECRET);
  await eraseCase(edge, other.caseId, ORDER, ANNA);
  edge.legalHolds.put(other.caseId, 'court file 18/26', clock.ms);
  conclude(other.id);
  expect(await endRetention(edge)).toBe(0);
});

test('a legal hold that begins at the same time, and before it, stops it as well', async () => {
  const { edge } = own;
  const { id, caseId } = sent(SECRET);
  conclude(id);
  const hold = { reason: 'court file 17/26', signoff: ORDER.signoff };
  const [, erased] = await Promise.all([
    beginLegalHold(edge, caseId, hold, ANNA),
    eraseCase(edge, caseId, ORDER, ANNA),
  ]);
  expect(erased).toBe('held');
  expect(logOf(edge).map(({ what }) => what)).toEqual(['legal-hold']);
});

test('by a clock that is wrong nothing goes: not this case, and none whose time would be over by it', async () => {
  const clock = watchClock(own.edge.now, 300_000);
  clock.tell(own.edge.now());
  const [one, other] = [sent(SECRET), sent(SECRET)];
  for (const { id } of [one, other]) conclude(id);
  own.clock.ms += 20 * 365 * 86_400_000;
  const edge = { ...own.edge, clock };
  await expect(eraseCase(edge, one.caseId, ORDER, ANNA)).rejects.toMatchObject({ name: 'ClockDiffers' });
  await expect(endRetention(edge)).rejects.toMatchObject({ name: 'ClockDiffers' });
  for (const { id } of [one, other]) expect(edge.outbox.find(id)?.removedMs).toBeNull();
  expect(logOf(edge)).toEqual([]);
});

test('a case that this member does not have is not erased', async () => {
  expect(await eraseCase(own.edge, 'f'.repeat(32), ORDER, ANNA)).toBeUndefined();
});
