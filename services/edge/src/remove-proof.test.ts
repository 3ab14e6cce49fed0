import { readFileSync } from 'node:fs';
import { type Referral, type Submission, wire } from '@entente/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endRetention } from './end-retention.js';
import { eraseCase } from './erase-case.js';
import { makeEvidenceFile } from './evidence-file.js';
import { findThreads } from './find-threads.js';
import { onDisk as filesOf, logOf, type TestEdge, testEdge } from './fixture/test-edge.js';
import { justify } from './justifications.js';
import { openCommitment } from './open-commitment.js';
import { keep } from './submit.js';

const DAY = 86_400_000;
const ANSWER = Buffer.from(wire.envelope.encode({ seal: Buffer.from('an answer') }));
const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const [RECORD, SHARED, WHY] = ['a-record-with-its-salt', 'what-one-seal-says-of-two', 'why-it-was-opened'];
const ORDER = {
  reason: 'request',
  reference: 'request 12/26',
  signoff: { proposedBy: '', approvedBy: [] },
} as const;
const ANNA = { actor: `pn:${'a'.repeat(32)}`, justification: '' };

let own: TestEdge;
let made: number;
beforeEach(async () => {
  made = 0;
  own = await testEdge();
  // A file of evidence names the directory of its day, which says nothing here.
  const directory = { nations: new Map(), listBytes: new Uint8Array() };
  own = { ...own, edge: { ...own.edge, directory: () => directory as never } };
});
afterEach(() => own.close());

const hashOf = (byte: number) => Buffer.alloc(32, byte);
const entry = () => wire.entry.encode({ leaf: Buffer.from('a leaf'), record: Buffer.from(RECORD) });
const delivery = () =>
  wire.passage.encode({
    envelope: { seal: Buffer.from('what it says') },
    proofs: [wire.entry.decode(entry())],
  });
const onDisk = () => filesOf(own);

/** As it goes by the wire; its signature nothing here asks for. */
function sealOf(id: string, caseId: string, from: string, to: string): Uint8Array {
  const about = {
    protocol: 1,
    id,
    caseId,
    from,
    fromRole: 'hotline',
    to,
    toRole: 'hosting',
    actor: 'system',
  };
  const header = wire.header.encode({ ...about, facts: { category: 'csam' } });
  return Buffer.from(`e30.${Buffer.from(header).toString('base64url')}.c2ln`);
}

/** A referral that was sent and delivered, with all that proves it, and one that was received in its case. */
function fill() {
  const { edge, clock } = own;
  made += 10;
  const content = { ...(submission.content as Referral), retention_days: 10 };
  const { id, caseId } = keep(edge, { ...submission, content }, { key: null, createdMs: clock.ms });
  const sent = {
    ...{ envelopeSha256: hashOf(made), messageHash: hashOf(made), salt: Buffer.alloc(16, 9), notes: [] },
    envelope: wire.envelope.encode({ seal: sealOf(id, caseId, edge.member, submission.to) }),
  };
  edge.outbox.seal(id, { ...sent, submission: { ...submission, content } }, 0);
  const seal = sealOf(`${made}`.padStart(32, 'f'), caseId, submission.to, edge.member);
  edge.cases.insert({
    ...{ messageHash: hashOf(made + 1), id: `${made}`.padStart(32, 'f'), sender: submission.to, caseId },
    ...{ category: 'csam', action: 'remove', content: JSON.stringify(content), salt: Buffer.alloc(16, 8) },
    passage: wire.passage.encode({ envelope: { seal }, proofs: [wire.entry.decode(entry())] }),
    ...{ answer: ANSWER, receivedMs: clock.ms, inReplyTo: '', updateWord: '' },
    ...{ issuedMs: clock.ms, eraseMs: clock.ms + 10 * DAY },
  });
  edge.justifications.insert(hashOf(made + 2), seal, justify(WHY));
  file(id, 'relay-accepted', entry());
  return { id, caseId, seal };
}

function file(
  messageId: string,
  evidence: 'relay-accepted' | 'delivered' | 'retrieved',
  raw: Uint8Array | number,
) {
  const words = { code: '', reason: '', rules: [], source: evidence === 'delivered' ? submission.to : 'DE' };
  own.edge.evidence.file({ ...words, messageId, evidence, atMs: own.clock.ms, raw });
}

/** Two referrals that arrived, as one seal of their recipient says. */
function fillTwo() {
  const [one, other] = [fill(), fill()];
  const shared = own.edge.evidence.share(Buffer.from(SHARED));
  for (const { id } of [one, other]) file(id, 'delivered', shared);
  return [one, other] as const;
}

test('an order takes what proves the case as well: seals with their facts, records with their salts, justifications', async () => {
  const { edge } = own;
  const { id, caseId, seal } = fill();
  file(id, 'delivered', delivery());
  expect(makeEvidenceFile(edge, caseId, false)).toBeDefined();
  const facts = Buffer.from(seal).toString('latin1').slice(4, -5);
  for (const one of [RECORD, WHY, facts]) expect(onDisk()).toContain(one);
  expect(await eraseCase(edge, caseId, ORDER, ANNA)).toMatchObject({ messages: 2, waiting: 0, proofs: 2 });
  for (const one of [RECORD, WHY, facts]) expect(onDisk()).not.toContain(one);
  expect(makeEvidenceFile(edge, caseId, false)).toBeUndefined();
  for (const byte of [made, made + 1])
    expect(openCommitment(edge, { messageId: id, messageHash: hashOf(byte) })).toMatchObject({
      ...{ caseId, why: 'erased' },
    });
  // Repeats are still answered, and what became of it is still known.
  expect(edge.cases.answerTo(hashOf(made + 1))).toEqual(ANSWER);
  expect(edge.outbox.find(id)).toMatchObject({ outcome: 'delivered' });
  expect(findThreads(edge, caseId).map(({ ownRole, theirRole }) => `${ownRole} ${theirRole}`)).toEqual([
    'hosting hotline',
    `${submission.from_role} ${submission.to_role}`,
  ]);
});

test('nothing that proves it comes back with late evidence', async () => {
  const { edge } = own;
  const { id, caseId } = fill();
  file(id, 'delivered', delivery());
  await eraseCase(edge, caseId, ORDER, ANNA);
  file(id, 'retrieved', entry());
  expect(
    edge.evidence
      .list(id)
      .map(({ evidence, raw }) => `${evidence} ${raw.length}`)
      .sort(),
  ).toEqual(['delivered 0', 'relay-accepted 0', 'retrieved 0']);
  expect(onDisk()).not.toContain(RECORD);
});

test('an order also takes the proofs of what was over before, and says so of each', async () => {
  const { edge, clock } = own;
  const { id, caseId } = fill();
  file(id, 'delivered', delivery());
  clock.ms += 10 * DAY;
  expect(await endRetention(edge)).toBe(2);
  expect(onDisk()).toContain(RECORD);
  const before = logOf(edge).length;
  expect(await eraseCase(edge, caseId, ORDER, ANNA)).toMatchObject({ messages: 0, proofs: 2 });
  expect(onDisk()).not.toContain(RECORD);
  expect(
    logOf(edge)
      .slice(before)
      .map(({ what, reference }) => `${what} ${reference}`),
  ).toEqual(['erasure-order request 12/26', 'erasure request 12/26', 'erasure request 12/26']);
});

test('what one seal says of two cases stays for the other, and goes with the last of them', async () => {
  const { edge } = own;
  const [one, other] = fillTwo();
  await eraseCase(edge, one.caseId, ORDER, ANNA);
  expect(onDisk()).toContain(SHARED);
  expect(edge.evidence.list(other.id).map(({ raw }) => Buffer.from(raw).toString())).toContain(SHARED);
  await eraseCase(edge, other.caseId, ORDER, ANNA);
  expect(onDisk()).not.toContain(SHARED);
});

test('after the days of its settings nothing is left of a message, unless a legal hold keeps it', async () => {
  const { clock } = own;
  const edge = { ...own.edge, proofDays: 60 };
  const [one, held] = fillTwo();
  clock.ms += 10 * DAY;
  expect(await endRetention(edge)).toBe(4);
  clock.ms += 60 * DAY - 1;
  edge.legalHolds.put(held.caseId, 'court file 17/26', clock.ms);
  expect(await endRetention(edge)).toBe(0);
  clock.ms += 1;
  expect(await endRetention(edge)).toBe(2);
  expect(edge.outbox.find(one.id)).toBeUndefined();
  expect(edge.evidence.list(one.id)).toEqual([]);
  expect(edge.cases.inCase(one.caseId)).toEqual([]);
  expect(edge.outbox.find(held.id)).toBeDefined();
  expect(edge.justifications.find(hashOf(12))).toBeUndefined();
  expect(edge.justifications.find(hashOf(22))).toBeDefined();
  expect(logOf(edge).at(-1)).toMatchObject({ what: 'erasure', reference: 'PROOF_DAYS 60' });
  for (const text of [RECORD, SHARED, WHY]) expect(onDisk()).toContain(text);
  edge.legalHolds.end(held.caseId);
  expect(await endRetention(edge)).toBe(2);
  for (const text of [RECORD, SHARED, WHY]) expect(onDisk()).not.toContain(text);
});

test('what was said of a referral stays as long as the referral: without a recall it would stand again', async () => {
  const { clock } = own;
  const edge = { ...own.edge, proofDays: 60 };
  const { caseId } = fill();
  const referral = `${made}`.padStart(32, 'f');
  const recall = 'e'.repeat(32);
  const seal = sealOf(recall, caseId, submission.to, edge.member);
  edge.cases.insert({
    ...{ messageHash: hashOf(made + 3), id: recall, sender: submission.to, caseId, category: 'csam' },
    ...{ action: 'inform', content: '{"update":"recall"}', salt: Buffer.alloc(16, 8), answer: ANSWER },
    passage: wire.passage.encode({ envelope: { seal }, proofs: [] }),
    ...{ receivedMs: clock.ms, inReplyTo: referral, updateWord: 'recall', issuedMs: clock.ms },
    eraseMs: clock.ms + DAY,
  });
  clock.ms += DAY;
  await endRetention(edge);
  clock.ms += 65 * DAY;
  await endRetention(edge);
  expect(edge.cases.byId(submission.to, recall)).toBeDefined();
  clock.ms += 60 * DAY;
  for (let turn = 0; turn < 3; turn++) await endRetention(edge);
  for (const id of [referral, recall]) expect(edge.cases.byId(submission.to, id)).toBeUndefined();
});
