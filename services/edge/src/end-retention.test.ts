import { readFileSync } from 'node:fs';
import { type Referral, type Submission, type Update, wire } from '@entente/contract';
import { MORE, watchClock } from '@entente/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endOver, endRetention } from './end-retention.js';
import { openErasedJournal } from './erased-journal.js';
import { findThreads } from './find-threads.js';
import { onDisk as filesOf, logOf, readOlderState, type TestEdge, testEdge } from './fixture/test-edge.js';
import { keep } from './submit.js';

const DAY = 86_400_000;
const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const SECRET = 'words-that-have-to-go';
const CHANGED = 'changed in the database';
const BODY = Buffer.from('an encrypted body that has to go');

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge();
});
afterEach(() => own.close());

/** A referral that this member sent, and one that it received, each with an outcome; both may be kept for 10 days. */
function fill() {
  const { edge, clock } = own;
  const referral = { ...(submission.content as Referral), retention_days: 10, summary: SECRET };
  const sent = keep(edge, { ...submission, content: referral }, { key: 'k', createdMs: clock.ms });
  const sealed = {
    envelopeSha256: Buffer.alloc(32, 3),
    messageHash: Buffer.alloc(32, 1),
    salt: Buffer.alloc(16, 9),
  };
  const envelope = wire.envelope.encode({ seal: Buffer.from('a seal'), body: BODY });
  edge.outbox.seal(
    sent.id,
    { ...sealed, envelope, notes: [], submission: { ...submission, content: referral } },
    0,
  );
  edge.outbox.conclude(sent.id, { outcome: 'delivered', code: '', reason: '', atMs: clock.ms });
  const { category, action, force, purpose, handling, urgency } = referral;
  const outcome = {
    ...{ category, action: 'inform', force: 'voluntary', purpose, handling, urgency, retention_days: 10 },
    ...{ update: 'outcome', text: SECRET, own_reference: [SECRET], legal_basis: ['gdpr-6-1-c'] },
    items: ['i1', 'i2'].map((id) => ({
      id,
      outcome: {
        ...{ result: 'blocked', at: '2026-11-24T12:00:00Z', note: SECRET },
        block: { layer: 'dns', scope_applied: 'domain', wider_because: SECRET, review_on: '2027-01-01' },
      },
    })),
  } as unknown as Update;
  edge.cases.insert({
    ...{ messageHash: Buffer.alloc(32, 2), id: 'f'.repeat(32), sender: submission.to, caseId: sent.caseId },
    ...{
      category,
      action,
      content: JSON.stringify(outcome),
      salt: Buffer.alloc(16, 8),
      answer: new Uint8Array(),
    },
    passage: wire.passage.encode({ envelope: { seal: Buffer.from('a seal'), body: BODY }, proofs: [] }),
    ...{ receivedMs: clock.ms, inReplyTo: sent.id, updateWord: 'outcome', issuedMs: clock.ms + 1 },
    eraseMs: clock.ms + 10 * DAY,
  });
  expect(force).toBe('notice');
  return sent;
}

const onDisk = () => filesOf(own);

test('contents go when their time is over, from the disk as well; what became of the case stays', async () => {
  const { edge, clock } = own;
  const { id, caseId } = fill();
  const before = findThreads(edge, caseId)[0]?.followed;
  expect(before).toMatchObject({ state: 'acted', withoutEffect: [] });
  clock.ms += 10 * DAY - 1;
  expect(await endRetention(edge)).toBe(0);
  expect(onDisk()).toContain(SECRET);
  clock.ms += 1;
  expect(await endRetention(edge)).toBe(2);
  expect(onDisk()).not.toContain(SECRET);
  expect(onDisk()).not.toContain(BODY.toString('latin1'));
  expect(edge.outbox.find(id)).toMatchObject({ outcome: 'delivered', salt: null, removedMs: clock.ms });
  const [row] = edge.cases.inCase(caseId);
  expect(row).toMatchObject({ salt: null, removedMs: clock.ms });
  const after = findThreads(edge, caseId)[0]?.followed;
  expect(after?.state).toBe('acted');
  expect(after?.items.map(({ results }) => results)).toEqual([['blocked'], ['blocked']]);
  expect(await endRetention(edge)).toBe(0);
});

test('what another process still reads goes from the journal when that has ended, and nobody waits for it', async () => {
  const { edge, clock } = own;
  fill();
  edge.journal.settle();
  const reader = readOlderState(own);
  clock.ms += 10 * DAY;
  const sinceMs = performance.now();
  expect(await endRetention(edge)).toBe(2);
  expect(performance.now() - sinceMs).toBeLessThan(2000);
  expect(onDisk()).toContain(SECRET);
  reader.end();
  // There is nothing more to erase.
  expect(await endRetention(edge)).toBe(0);
  expect(onDisk()).not.toContain(SECRET);
});

test('what was erased before a crash goes from the journal after it', async () => {
  const { edge, clock } = own;
  fill();
  edge.journal.settle();
  clock.ms += 10 * DAY;
  const reader = readOlderState(own);
  await endRetention(edge);
  reader.end();
  expect(onDisk()).toContain(SECRET);
  // What it owed was only in its memory.
  expect(await endRetention({ ...edge, journal: openErasedJournal(edge.db) })).toBe(0);
  expect(onDisk()).not.toContain(SECRET);
});

test('that each went, and by which time, is in the log of accesses, and none of what it said', async () => {
  const { edge, clock } = own;
  const { id, caseId } = fill();
  clock.ms += 10 * DAY;
  await endRetention(edge);
  await endRetention(edge);
  const erasure = {
    ...{ at_ms: clock.ms, actor: 'system', what: 'erasure', case_id: caseId, justification: '' },
    ...{ detail: 'time-over', reference: 'retention_days 10' },
  };
  expect(logOf(edge)).toEqual([
    { ...erasure, message_id: 'f'.repeat(32) },
    { ...erasure, message_id: id },
  ]);
});

test('a time that was changed in the database is told from the one that the referral names', async () => {
  const { edge, clock } = own;
  fill();
  clock.ms += 5 * DAY;
  edge.db.prepare('UPDATE outbox SET erase_ms = ?').run(clock.ms);
  expect(await endRetention(edge)).toBe(1);
  clock.ms += 5 * DAY;
  expect(await endRetention(edge)).toBe(1);
  expect(logOf(edge).map(({ detail, reference }) => [detail, reference])).toEqual([
    ['time-over', `retention_days 10, ${CHANGED}`],
    ['time-over', 'retention_days 10'],
  ]);
});

test('nothing goes whose entry cannot be written', async () => {
  const { edge, clock } = own;
  const { id } = fill();
  clock.ms += 10 * DAY;
  edge.db.exec(`CREATE TRIGGER full BEFORE INSERT ON access BEGIN SELECT RAISE(ABORT, 'no entry'); END`);
  await expect(endRetention(edge)).rejects.toThrow('no entry');
  expect(edge.outbox.find(id)?.removedMs).toBeNull();
  expect(onDisk()).toContain(SECRET);
});

test('what an auditor was shown goes after 30 days; its result stays, and the log says so', async () => {
  const { edge, clock } = own;
  const [id, caseId, messageId] = ['1', '2', '3'].map((digit) => digit.repeat(32)) as [
    string,
    string,
    string,
  ];
  const asked = {
    member: 'isp.de',
    messageHash: Buffer.alloc(32),
    reason: 'sample',
    createdMs: clock.ms,
  } as const;
  edge.inspections.ask({ id, caseId, messageId, ...asked });
  const shown = { result: 'match', content: SECRET, justified: 'opened', justification: SECRET } as const;
  edge.inspections.end(id, shown, clock.ms);
  clock.ms += 30 * DAY;
  expect(await endRetention(edge)).toBe(0);
  expect(edge.inspections.find(id)?.content).toBe(SECRET);
  clock.ms += 1;
  expect(await endRetention(edge)).toBe(1);
  expect(edge.inspections.find(id)).toMatchObject({
    ...{ result: 'match', content: '', justified: 'opened', justification: '' },
  });
  expect(onDisk()).not.toContain(SECRET);
  expect(logOf(edge)).toEqual([
    {
      ...{ at_ms: clock.ms, actor: 'system', what: 'erasure', case_id: caseId, message_id: messageId },
      ...{ justification: '', detail: 'time-over', reference: '30 days after an inspection' },
    },
  ]);
});

test('the digest of what was handed in goes as well: no guess can be tested against it', async () => {
  const { edge, clock } = own;
  fill();
  clock.ms += 10 * DAY;
  await endRetention(edge);
  expect(edge.outbox.findByKey('k')).toBeUndefined();
});

test('a legal hold stops it for its case, until it is ended', async () => {
  const { edge, clock } = own;
  const { caseId } = fill();
  edge.legalHolds.put(caseId, 'court file 17/26', clock.ms);
  clock.ms += 100 * DAY;
  expect(await endRetention(edge)).toBe(0);
  expect(onDisk()).toContain(SECRET);
  expect(edge.legalHolds.find(caseId)).toMatchObject({ reason: 'court file 17/26' });
  expect(edge.legalHolds.end(caseId)).toBe(true);
  expect(await endRetention(edge)).toBe(2);
});

test('what has no outcome yet is kept until it has one', async () => {
  const { edge, clock } = own;
  const content = { ...(submission.content as Referral), retention_days: 1 };
  const { id } = keep(edge, { ...submission, content }, { key: null, createdMs: clock.ms });
  clock.ms += 2 * DAY;
  expect(await endRetention(edge)).toBe(0);
  edge.outbox.conclude(id, { outcome: 'expired', code: 'expired', reason: '', atMs: clock.ms });
  expect(await endRetention(edge)).toBe(1);
});

test('nothing goes before the gate has said the time since the start', async () => {
  fill();
  const clock = watchClock(() => own.clock.ms, Number.POSITIVE_INFINITY);
  const started = { ...own.edge, clock };
  const refused = { sha256: Buffer.alloc(32, 5), code: 'expired', detail: 'of then', sender: submission.to };
  started.cases.refuse({ ...refused, atMs: own.clock.ms });
  own.clock.ms += 400 * DAY;
  expect(await endRetention(started)).toBe(0);
  expect(started.cases.refused(9)).toHaveLength(1);
  clock.tell(own.clock.ms);
  expect(await endRetention(started)).toBeGreaterThan(0);
  expect(started.cases.refused(9)).toHaveLength(0);
});

test('says that more is over than goes in one turn, until all of it has gone', async () => {
  const { edge, clock } = own;
  const referral = { ...(submission.content as Referral), retention_days: 10 };
  const ids = Array.from({ length: 250 }, (_, n) => {
    const sent = keep(edge, { ...submission, content: referral }, { key: `k${n}`, createdMs: clock.ms });
    edge.outbox.conclude(sent.id, { outcome: 'refused', code: '', reason: '', atMs: clock.ms });
    return sent.id;
  });
  clock.ms += 10 * DAY;
  const turns = [];
  for (let n = 0; n < 4; n += 1) turns.push(await endOver(edge));
  expect(turns).toEqual([MORE, MORE, MORE, undefined]);
  expect(ids.filter((id) => edge.outbox.find(id)?.removedMs === null)).toEqual([]);
});
