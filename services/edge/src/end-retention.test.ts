import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Referral, type Submission, type Update, wire } from '@entente/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endRetention } from './end-retention.js';
import { findThreads } from './find-threads.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { keep } from './submit.js';

const DAY = 86_400_000;
const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const SECRET = 'words-that-have-to-go';
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
  const sent = keep(edge, { ...submission, content: referral }, referral, { key: 'k', createdMs: clock.ms });
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

/** What stands in the files of the database, journal and all. */
function onDisk(): string {
  const dir = own.dir;
  return readdirSync(dir)
    .map((name) => readFileSync(join(dir, name), 'latin1'))
    .join('');
}

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
  const { id } = keep(edge, { ...submission, content }, content, { key: null, createdMs: clock.ms });
  clock.ms += 2 * DAY;
  expect(await endRetention(edge)).toBe(0);
  edge.outbox.conclude(id, { outcome: 'expired', code: 'expired', reason: '', atMs: clock.ms });
  expect(await endRetention(edge)).toBe(1);
});
