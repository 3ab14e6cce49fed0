import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Referral, type Submission, wire } from '@entente/contract';
import { createMetrics, openDatabase } from '@entente/runtime';
import { sha256 } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endRetention } from './end-retention.js';
import { eraseCase } from './erase-case.js';
import { asBefore } from './fixture/as-before.js';
import { onDisk, type TestEdge, testEdge } from './fixture/test-edge.js';
import { createMeter } from './meter.js';
import { receive } from './receive.js';
import { withStores } from './state.js';
import { MIGRATIONS, openEdgeStore } from './store.js';
import { keep } from './submit.js';

const DAY = 86_400_000;
const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const SAID = 'words-that-have-to-go';
const [SEAL, BODY, RAW] = ['a seal, and what it says', 'an encrypted body', 'a record with its salt'];
const ANNA = { actor: `pn:${'a'.repeat(32)}`, justification: '' };
const ORDER = {
  reason: 'request',
  reference: 'request 12/26',
  signoff: { proposedBy: '', approvedBy: [] },
} as const;

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge();
});
afterEach(() => own.close());

const content = { ...(submission.content as Referral), retention_days: 10, summary: SAID };
const said = { ...submission, content };
const draft = () => keep(own.edge, said, { key: null, createdMs: own.clock.ms });

/** As if it had been sealed and sent. Of some kilobytes, as envelopes are: no row has room for it beside the rest. */
function seal(id: string) {
  const envelope = wire.envelope.encode({
    seal: Buffer.from(SEAL),
    body: Buffer.concat([randomBytes(6000), Buffer.from(BODY)]),
  });
  const hashes = { envelopeSha256: sha256(envelope), messageHash: randomBytes(32), salt: randomBytes(16) };
  const isSealed = own.edge.outbox.seal(id, { envelope, ...hashes, notes: [], submission: said }, 0);
  return { isSealed, envelope, ...hashes };
}

function file(messageId: string, evidence: 'submission-accepted' | 'relay-accepted' | 'delivered') {
  const source = { 'submission-accepted': 'DE', 'relay-accepted': 'FR', delivered: submission.to }[evidence];
  const words = { code: '', reason: '', rules: [], atMs: own.clock.ms, raw: Buffer.from(RAW) };
  own.edge.evidence.file({ ...words, messageId, evidence, source });
}

const KINDS = [
  ['new', () => undefined],
  ['of before', () => asBefore(own.edge)],
] as const;

describe.each(KINDS)('a message that is %s', (_, become) => {
  let id: string;
  let caseId: string;
  let sealed: ReturnType<typeof seal>;
  beforeEach(() => {
    ({ id, caseId } = draft());
    sealed = seal(id);
    file(id, 'submission-accepted');
    become();
  });
  const onItsWay = ['relay-accepted', 'submission-accepted'];
  const words = () =>
    own.edge.evidence
      .list(id)
      .map(({ evidence }) => evidence)
      .sort();

  test('is read whole, wherever it stands', () => {
    const { outbox } = own.edge;
    const whole = outbox.find(id);
    expect(whole).toMatchObject({ id, caseId, submission: { content: { summary: SAID } }, state: 'sent' });
    expect(Buffer.from(whole?.envelope ?? '').equals(sealed.envelope)).toBe(true);
    expect(outbox.submission(id)).toMatchObject({ content: { summary: SAID } });
    for (const list of [outbox.list(9), outbox.inCase(caseId), outbox.due(own.clock.ms, 9)])
      expect(list).toEqual([whole]);
  });

  test('has all of its evidence, each once, and its outcome', () => {
    const { edge } = own;
    for (const again of [1, 2]) {
      file(id, 'relay-accepted');
      expect([again, words()]).toEqual([again, onItsWay]);
    }
    expect(edge.evidence.has(id, 'relay-accepted', 'FR')).toBe(true);
    file(id, 'delivered');
    expect(words()).toEqual(['delivered', ...onItsWay]);
    expect(edge.ways.isWhole(id, submission.to)).toBe(true);
    expect(edge.outbox.find(id)).toMatchObject({ outcome: 'delivered', endedMs: own.clock.ms });
    expect(edge.outbox.dueLooks(own.clock.ms, 9)).toEqual([]);
    expect(edge.outbox.dueLooks(own.clock.ms + 36 * 3_600_000, 9)).toEqual([id]);
    edge.evidence.forget(id, 'relay-accepted', 'FR');
    expect(words()).toEqual(['delivered', 'submission-accepted']);
  });

  test('is late without evidence, and not with it', () => {
    const { relayDueMs = 0 } = own.edge.outbox.find(id) ?? {};
    const late = () => own.edge.outbox.countLate(relayDueMs, 'DE');
    expect(late()).toEqual({ delivery: 0, relay: 1 });
    file(id, 'relay-accepted');
    expect(late()).toEqual({ delivery: 0, relay: 0 });
  });

  test('ends by a notice about its envelope, and not by one about another', async () => {
    const notice = async (envelopeSha256: Uint8Array) => {
      const data = wire.delivery.encode({ notice: { code: 'signature-wrong', envelopeSha256 } });
      await receive(own.edge, { subject: 's', data, traceparents: [], message: {} } as never);
    };
    await notice(sha256(Buffer.from('another')));
    expect(own.edge.outbox.find(id)?.state).toBe('sent');
    await notice(sealed.envelopeSha256);
    expect(own.edge.outbox.find(id)).toMatchObject({ state: 'ended', outcome: 'refused' });
  });

  test('loses what it says when its time is over, then its proof, then all, on the disk as well', async () => {
    const { clock } = own;
    const edge = { ...own.edge, proofDays: 60 };
    file(id, 'delivered');
    for (const text of [SAID, BODY, SEAL, RAW]) expect(onDisk(own)).toContain(text);
    clock.ms += 10 * DAY;
    expect(await endRetention(edge)).toBe(1);
    for (const text of [SAID, BODY]) expect(onDisk(own)).not.toContain(text);
    const row = edge.outbox.find(id);
    expect(row).toMatchObject({ removedMs: clock.ms, salt: null, submission: { to: submission.to } });
    expect(row?.submission.content).not.toHaveProperty('summary');
    expect(wire.envelope.decode(row?.envelope ?? new Uint8Array()).seal).toEqual(Buffer.from(SEAL));
    expect(edge.outbox.standing(id)?.isErased).toBe(false);
    expect(await eraseCase(edge, caseId, ORDER, ANNA)).toMatchObject({ proofs: 1 });
    for (const text of [SEAL, RAW]) expect(onDisk(own)).not.toContain(text);
    expect([edge.outbox.find(id)?.envelope, edge.outbox.standing(id)?.isErased]).toEqual([null, true]);
    clock.ms += 61 * DAY;
    await endRetention(edge);
    expect(edge.outbox.find(id)).toBeUndefined();
    for (const table of ['outbox', 'sent_submission', 'sent_envelope', 'evidence'])
      expect([table, edge.db.prepare(`SELECT * FROM ${table}`).all()]).toEqual([table, []]);
  });

  test('keeps the form of another that was sent before', () => {
    const envelope = wire.envelope.encode({ seal: Buffer.from('another seal') });
    const hashes = { envelopeSha256: sha256(envelope), messageHash: randomBytes(32) };
    own.edge.outbox.takeOver(id, { envelope, ...hashes, notes: [] }, own.clock.ms);
    const row = own.edge.outbox.find(id);
    expect(Buffer.from(row?.envelope ?? '').equals(envelope)).toBe(true);
    expect(onDisk(own)).toContain(SAID);
    expect(own.edge.outbox.findByEnvelope(hashes.envelopeSha256)).toBe(id);
    expect(own.edge.outbox.findByEnvelope(sealed.envelopeSha256)).toBeUndefined();
  });
});

test.each(KINDS)('a draft that is %s is sealed once, as the rules let it', (_, become) => {
  const { id } = draft();
  become();
  expect(own.edge.outbox.find(id)).toMatchObject({ state: 'draft', envelope: null });
  const reduced = { ...said, content: { ...content, summary: 'less' } };
  const envelope = Buffer.from('an envelope');
  const form = { envelope, envelopeSha256: sha256(envelope), messageHash: randomBytes(32) };
  const seal = () =>
    own.edge.outbox.seal(id, { ...form, salt: randomBytes(16), notes: [], submission: reduced }, 0);
  expect([seal(), seal()]).toEqual([true, false]);
  expect(own.edge.outbox.find(id)).toMatchObject({
    state: 'sent',
    submission: { content: { summary: 'less' } },
  });
  own.edge.db.emptyJournal();
  expect(onDisk(own)).not.toContain(SAID);
});

test('no message gets what was of another that was erased, the last one neither', async () => {
  const { edge } = own;
  const first = draft();
  seal(first.id);
  file(first.id, 'delivered');
  await eraseCase(edge, first.caseId, ORDER, ANNA);
  const second = draft();
  expect(edge.evidence.list(second.id)).toEqual([]);
  expect(edge.outbox.find(second.id)).toMatchObject({
    envelope: null,
    submission: { content: { summary: SAID } },
  });
  expect(edge.evidence.list(first.id)).toHaveLength(1);
});

test('the store of the version before is read as it is, and what it was sending goes on', () => {
  const since = MIGRATIONS.findIndex((sql) => sql.includes('TABLE sent_submission'));
  const path = join(own.dir, 'older.sqlite');
  const older = openDatabase(path, MIGRATIONS.slice(0, since));
  const id = 'a'.repeat(32);
  older
    .prepare(
      `INSERT INTO outbox (id, case_id, to_member, category, action, submission, notes, submission_sha256, state, outcome, code, reason,
         envelope, message_hash, envelope_sha256, created_ms, expires_ms, next_try_ms, attempts)
       VALUES (?, 'c', 'isp.fr', 'csam', 'remove', ?, '[]', zeroblob(32), 'sent', '', '', '', ?, zeroblob(32), ?, 1, 2, 3, 1)`,
    )
    .run(id, JSON.stringify(said), Buffer.from(SEAL), Buffer.alloc(32, 1));
  older
    .prepare("INSERT INTO evidence VALUES (?, 'submission-accepted', 'DE', 1, '', '', '[]', x'01', NULL)")
    .run(id);
  older.close();
  const newer = openEdgeStore(path);
  const edge = withStores({ ...own.edge, db: newer, meter: createMeter(createMetrics()) });
  expect(edge.outbox.find(id)).toMatchObject({
    id,
    submission: { content: { summary: SAID } },
    state: 'sent',
  });
  expect(Buffer.from(edge.outbox.due(3, 9)[0]?.envelope ?? '').toString()).toBe(SEAL);
  expect(edge.outbox.findByEnvelope(Buffer.alloc(32, 1))).toBe(id);
  expect(edge.evidence.list(id)).toHaveLength(1);
  newer.close();
});

test('of what the version before had sent nothing stays in the room that its indexes had', () => {
  const since = MIGRATIONS.findIndex((sql) => sql.includes('TABLE sent_submission'));
  const path = join(own.dir, 'older.sqlite');
  const older = openDatabase(path, MIGRATIONS.slice(0, since));
  older.exec('PRAGMA secure_delete = ON');
  const insert = older.prepare(
    `INSERT INTO outbox (id, case_id, to_member, category, action, submission, notes, submission_sha256, state, outcome, code, reason,
       message_hash, envelope_sha256, created_ms, expires_ms, next_try_ms, attempts)
     VALUES (?, 'c', 'isp.fr', 'csam', 'remove', ?, '[]', zeroblob(32), 'ended', 'delivered', '', '', ?, ?, 1, 2, 3, 1)`,
  );
  const hashes = Array.from({ length: 400 }, () => randomBytes(32));
  for (const [n, hash] of hashes.entries()) insert.run(`id${n}`, JSON.stringify(said), hash, sha256(hash));
  older.close();
  const newer = openEdgeStore(path);
  const edge = withStores({ ...own.edge, db: newer, meter: createMeter(createMetrics()) });
  newer.transaction(() => hashes.forEach((_, n) => void edge.outbox.drop(`id${n}`)));
  newer.emptyJournal();
  newer.close();
  const kept = readFileSync(path);
  for (const hash of hashes)
    expect([kept.includes(hash), kept.includes(Buffer.from(sha256(hash)))]).toEqual([false, false]);
});
