import { readFileSync } from 'node:fs';
import { type Referral, wire } from '@entente/contract';
import { commitmentOf, readUnverifiedHeader } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endRetention } from './end-retention.js';
import { eraseCase } from './erase-case.js';
import { newRecipient } from './fixture/new-recipient.js';
import { onDisk, type TestEdge, testEdge } from './fixture/test-edge.js';
import type { CheckedSubmission } from './outbox-row.js';
import { prepare } from './prepare.js';
import { beginLegalHold } from './set-legal-hold.js';
import type { Edge } from './state.js';
import { IdempotencyConflict, keep } from './submit.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: CheckedSubmission };
const WHY = 'the victim has asked for it, file 17/26';
const DAY = 86_400_000;
const ORDER = {
  reason: 'request',
  reference: 'request 12/26',
  signoff: { proposedBy: '', approvedBy: [] },
} as const;
const ANNA = { actor: `pn:${'a'.repeat(32)}`, justification: '' };

let own: TestEdge;
let edge: Edge;
beforeEach(async () => {
  own = await testEdge();
  const recipient = await newRecipient();
  const verdict = { decision: 'permit', remedies: [], rules: [] };
  const request = async () =>
    wire.preflightReply.encode({ verdicts: [{ nation: 'DE', stage: 'leave', verdict }] } as never);
  edge = {
    ...{ ...own.edge, send: async () => undefined, bus: { request } as never },
    directory: () => ({ encryptionKey: () => recipient }) as never,
  };
});
afterEach(() => own.close());

function handIn(justification = WHY, key: string | null = null) {
  const content = { ...(submission.content as Referral), retention_days: 90 };
  return keep(edge, { ...submission, content }, { key, justification, createdMs: edge.now() });
}

/** As a turn of what sends does; what it would send is not kept, as after a crash. */
async function sealed(id: string) {
  const form = await prepare(edge, edge.outbox.find(id) as never);
  const { seal } = wire.envelope.decode(form.envelope);
  return { form, seal, commitment: Buffer.from(readUnverifiedHeader(seal).justificationCommitment) };
}

async function send(id: string): Promise<Buffer> {
  const { form, commitment } = await sealed(id);
  edge.outbox.seal(id, form, edge.now());
  return commitment;
}
const end = (id: string) =>
  edge.outbox.conclude(id, { outcome: 'delivered', code: '', reason: '', atMs: edge.now() });

describe('a message that was handed in with a justification', () => {
  test('commits to it beside its actor, and carries neither words nor salt', async () => {
    const { id } = handIn();
    const { form, seal, commitment } = await sealed(id);
    const { salt = Buffer.alloc(0), text } = edge.justifications.findById(id) ?? {};
    expect(text?.toString()).toBe(WHY);
    expect(commitment.equals(Buffer.from(commitmentOf(salt, Buffer.from(WHY))))).toBe(true);
    const header = Buffer.from(Buffer.from(seal).toString().split('.')[1] ?? '', 'base64url');
    for (const bytes of [header, Buffer.from(form.envelope)]) {
      expect(bytes.includes(WHY)).toBe(false);
      expect(bytes.includes(Buffer.from(salt))).toBe(false);
    }
  });

  test('commits to the same in whatever form it is sealed: the salt is there before the seal', async () => {
    const { id } = handIn();
    const [one, other] = [await sealed(id), await sealed(id)];
    expect(Buffer.from(one.form.salt).equals(Buffer.from(other.form.salt))).toBe(false);
    expect(one.commitment).toHaveLength(32);
    expect(other.commitment.equals(one.commitment)).toBe(true);
  });

  test('cannot be guessed by who has the words and no salt: the same words twice commit to two things', async () => {
    const [one, other] = [await sealed(handIn().id), await sealed(handIn().id)];
    expect(one.commitment.equals(other.commitment)).toBe(false);
    for (const salt of [new Uint8Array(), Buffer.alloc(16), one.form.salt])
      expect(one.commitment.equals(Buffer.from(commitmentOf(salt, Buffer.from(WHY))))).toBe(false);
  });

  test('that has none commits to nothing', async () => {
    const { id } = handIn('');
    expect((await sealed(id)).commitment).toHaveLength(0);
    expect(edge.justifications.findById(id)).toBeUndefined();
  });
});

describe('the same idempotency key', () => {
  test('with the same words is the same message, and nothing is kept twice', async () => {
    const first = handIn(WHY, 'key');
    const commitment = await send(first.id);
    expect(handIn(WHY, 'key')).toEqual({ ...first, isNew: false });
    const { salt = Buffer.alloc(0) } = edge.justifications.findById(first.id) ?? {};
    expect(commitment.equals(Buffer.from(commitmentOf(salt, Buffer.from(WHY))))).toBe(true);
  });

  test.each([
    ['other words', WHY, 'another reason'],
    ['none, where there were some', WHY, ''],
    ['some, where there were none', '', WHY],
  ])('with %s is a conflict, and changes nothing', async (_, first, second) => {
    const { id } = handIn(first, 'key');
    for (const isSent of [false, true]) {
      if (isSent) await send(id);
      expect(() => handIn(second, 'key')).toThrow(IdempotencyConflict);
      expect(edge.justifications.findById(id)?.text.toString() ?? '').toBe(first);
    }
  });

  test('is still the same message when the words are forgotten', async () => {
    const { id, caseId } = handIn(WHY, 'key');
    await send(id);
    await eraseCase(edge, caseId, ORDER, ANNA);
    expect(edge.justifications.findById(id)).toBeUndefined();
    expect(handIn(WHY, 'key')).toMatchObject({ id, isNew: false });
    // With its content goes the key: a guess could be tested against what that stands for.
    end(id);
    await endRetention(edge);
    expect(handIn(WHY, 'key')).toMatchObject({ isNew: true });
  });
});

describe('the words of a justification', () => {
  test('go from the disk with the case, and leave nothing a guess can be tested on', async () => {
    const { id, caseId } = handIn();
    await send(id);
    end(id);
    expect(onDisk(own)).toContain(WHY);
    expect(await eraseCase(edge, caseId, ORDER, ANNA)).toMatchObject({ messages: 1, waiting: 0 });
    expect(onDisk(own)).not.toContain(WHY);
    expect(edge.outbox.find(id)?.envelope).toBeNull();
  });

  test('of what is not sealed yet stay until it has its outcome, for its seal needs them', async () => {
    const { id, caseId } = handIn();
    expect(await eraseCase(edge, caseId, ORDER, ANNA)).toMatchObject({ messages: 1, waiting: 1 });
    expect(await send(id)).toHaveLength(32);
    end(id);
    await endRetention(edge);
    expect(edge.justifications.findById(id)).toBeUndefined();
    expect(onDisk(own)).not.toContain(WHY);
  });

  test('go after the days of proofs, but not under a legal hold', async () => {
    const [one, held] = [handIn(), handIn('why it was held')];
    for (const { id } of [one, held]) {
      await send(id);
      end(id);
    }
    const order = { reason: 'court file 18/26', signoff: ORDER.signoff };
    await beginLegalHold(edge, held.caseId, order, ANNA);
    own.clock.ms += edge.proofDays * DAY - 1;
    await endRetention(edge);
    expect(onDisk(own)).toContain(WHY);
    own.clock.ms += 1;
    await endRetention(edge);
    expect(onDisk(own)).not.toContain(WHY);
    expect(edge.justifications.findById(held.id)?.text.toString()).toBe('why it was held');
  });
});
