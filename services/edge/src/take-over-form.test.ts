import { readFileSync } from 'node:fs';
import { formatProof, formatVkey, leafHash, parseVkey, signCheckpoint } from '@entente/audit';
import { computeFacts, newId, Rejection, wire } from '@entente/contract';
import type { Directory } from '@entente/members';
import {
  commitmentOf,
  createSigner,
  generateKey,
  importPublicKey,
  messageHash,
  type Signer,
  sealReferral,
  sha256,
} from '@entente/seal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acceptAnswer } from './accept-answer.js';
import { newRecipient } from './fixture/new-recipient.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { openCommitment } from './open-commitment.js';
import type { CheckedSubmission } from './outbox-row.js';
import type { Edge } from './state.js';
import { keep } from './submit.js';
import { submitUpdate } from './submit-update.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: CheckedSubmission };
const HOUR = 3_600_000;

let opened: TestEdge;
let edge: Edge;
let id: string;
let caseId: string;
let stranger: Signer;
let ledger: Signer;
beforeEach(async () => {
  opened = await testEdge();
  [stranger, ledger] = [await createSigner(await generateKey('Ed25519')), await newLedger()];
  edge = { ...opened.edge, directory: () => directory };
  const directory = await directoryOf(edge.signer, stranger);
  ({ id, caseId } = keep(edge, submission, {
    key: null,
    createdMs: edge.now(),
  }));
});
afterEach(() => opened.close());

const newLedger = async () => await createSigner(await generateKey('Ed25519'));
const vkeyOf = (origin: string) => formatVkey(origin, Buffer.from(String(ledger.publicJwk.x), 'base64url'));

/** Of one ledger for each nation, with one key; the stranger is another member. */
async function directoryOf(own: Signer, other: Signer): Promise<Directory> {
  const keys = new Map<string, unknown>();
  for (const { kid, alg, publicJwk: jwk } of [own, other])
    keys.set(
      kid,
      await importPublicKey(JSON.stringify({ ...jwk, use: 'sig', alg }), { kid, use: 'sig', alg }),
    );
  return {
    findKey: (kid: string) => keys.get(kid),
    checkSigner: (kid: string) => {
      if (kid !== own.kid) throw new Rejection('sender-mismatch');
    },
    ledger: (nation: string, origin: string) =>
      origin === `log.example/${nation}` ? { origin, vkey: vkeyOf(origin) } : undefined,
  } as unknown as Directory;
}

/** A form of the message, as this edge seals it, but for what is changed. */
async function form(change: object = {}, signer = edge.signer) {
  const recipient = await newRecipient();
  const draft = {
    ...{
      profile: edge.profile,
      id,
      caseId,
      from: edge.member,
      fromRole: submission.from_role,
      to: submission.to,
    },
    ...{ toRole: submission.to_role, inReplyTo: '', issuedAtMs: edge.now(), expiresAtMs: edge.now() + HOUR },
    ...{ actor: '', ...change },
  };
  const content = submission.content;
  const bytes = Buffer.from(JSON.stringify(content));
  return await sealReferral(draft as never, bytes, computeFacts(content), { signer, recipient });
}
type Form = Awaited<ReturnType<typeof form>>;

const seal = (sealed: Form) =>
  edge.outbox.seal(
    id,
    { ...sealed, envelopeSha256: sha256(sealed.envelope), notes: [], submission },
    edge.now(),
  );

const PERMIT = { event: 'crossing', verdict: { decision: 'permit' } };
const REUSED = { event: 'rejection', verdict: { decision: 'refuse', code: 'id-reused' } };

/** What a gate answers: the entry of its ledger about a form. */
async function answer(sealed: Form, said: object = PERMIT, nation = 'DE') {
  const seal = wire.envelope.decode(sealed.envelope).seal;
  const record = wire.record.encode({
    ...{ nation, stage: 'leave', step: 'first', seal, messageHash: messageHash(seal) },
    ...{ decidedAtMs: edge.now(), ...said },
  });
  const salt = Buffer.alloc(16, 7);
  const { event } = wire.record.decode(record);
  const leaf = wire.leaf.encode({ event, timeMs: edge.now(), commitment: commitmentOf(salt, record) });
  const origin = `log.example/${nation}`;
  const signers = [{ key: parseVkey(vkeyOf(origin)), sign: ledger.signBytes }];
  const checkpoint = await signCheckpoint({ origin, size: 1, root: leafHash(leaf) }, signers);
  const proof = Buffer.from(formatProof({ index: 0, hashes: [], checkpoint }));
  const entry = { leaf, salt, record, proof };
  const frame = { evidence: '', messageId: id, messageHash: messageHash(seal), to: edge.member, entry };
  await acceptAnswer(edge, frame as wire.AnswerFrame);
}

const row = () => edge.outbox.find(id);
const words = () => edge.evidence.list(id).map(({ evidence, code }) => `${evidence} ${code}`);

describe('a form of a message that was sent before its edge was put back', () => {
  it('takes the place once of what this process has sent a moment ago', async () => {
    const [first, own] = [await form(), await form()];
    seal(own);
    edge.underWay.sent({ id, to: submission.to, messageHash: own.messageHash }, 'FR');
    for (const _ of [1, 2]) await answer(first);
    expect(row()?.notes.map(({ kind }) => kind)).toEqual(['sent-before']);
    expect(words()).toEqual(['submission-accepted ']);
    // And what its gate says of it is heard, be it that its id was used.
    await answer(first, REUSED);
    expect(row()?.code).toBe('id-reused');
  });

  it('is followed by what took it back, though that had ended with the draft', async () => {
    const first = await form();
    const said = { update: 'recall', recall_ground: 'mistake', remove_copy: true } as const;
    const recall = submitUpdate(edge, caseId, said, { key: null })?.id ?? '';
    expect(edge.outbox.find(recall)).toMatchObject({ state: 'ended', outcome: 'recalled' });
    await answer(first);
    expect(row()).toMatchObject({ state: 'sent', outcome: '' });
    expect(edge.outbox.find(recall)).toMatchObject({ state: 'draft', outcome: '', endedMs: null });
  });

  it.each([
    ['the draft', false],
    ['what was sealed since', true],
  ])('takes the place of %s; of it the seal alone is sent again', async (_, isSealed) => {
    const first = await form();
    if (isSealed) seal(await form());
    await answer(first);
    expect(row()).toMatchObject({ state: 'sent', outcome: '', salt: null });
    const { seal: own, body } = wire.envelope.decode(row()?.envelope ?? new Uint8Array());
    expect([messageHash(own), body.length]).toEqual([first.messageHash, 0]);
    // It counts for as long as that one says.
    expect(row()?.expiresMs).toBe(edge.now() + HOUR);
    // Nothing was erased: what that form said is only not known here.
    expect(openCommitment(edge, { messageId: id, messageHash: first.messageHash })).toEqual({
      caseId,
      messageId: id,
      why: 'unknown',
    });
    // What was sealed while this happened is no form of it, and not sent.
    expect(seal(await form())).toBe(false);
    expect(edge.outbox.due(edge.now(), 9).map((due) => due.id)).toEqual([id]);
    expect(words()).toEqual(['submission-accepted ']);
  });

  it('and what its gate said of it: it is held, or was refused, for its own reason', async () => {
    seal(await form());
    await answer(await form(), { ...PERMIT, verdict: { decision: 'refuse', code: 'expired' } });
    expect(row()).toMatchObject({ state: 'ended', outcome: 'refused', code: 'expired' });
  });

  it('undoes that the second was refused for its id, and such a word that comes later says nothing', async () => {
    const [first, second] = [await form(), await form()];
    seal(second);
    for (let n = 0; n < 2; n += 1) await answer(second, REUSED);
    expect(row()).toMatchObject({ state: 'ended', outcome: 'refused', code: 'id-reused' });
    await answer(first);
    await answer(second, REUSED);
    expect(row()).toMatchObject({ state: 'sent', outcome: '', code: '' });
    expect(words()).toEqual(['submission-accepted ']);
  });
});

it('a refusal for its id ends a message when it comes again, after it was sent once more', async () => {
  const only = await form();
  seal(only);
  await answer(only, REUSED);
  expect(row()).toMatchObject({ state: 'sent', outcome: '', code: 'id-reused' });
  expect(edge.outbox.due(edge.now() + 5999, 9)).toEqual([]);
  expect(edge.outbox.due(edge.now() + 6000, 9)).toHaveLength(1);
  await answer(only, REUSED);
  expect(row()).toMatchObject({ state: 'ended', outcome: 'refused', code: 'id-reused' });
});

describe('what a gate would pass off as the message', () => {
  const attacks: Record<string, [code: string, () => Promise<void>]> = {
    'another message of this member': ['proof-wrong', async () => await answer(await form({ id: newId() }))],
    'a message of another case': ['proof-wrong', async () => await answer(await form({ caseId: newId() }))],
    'a message to another': ['proof-wrong', async () => await answer(await form({ to: 'isp.nl' }))],
    'a form in the name of another': [
      'proof-wrong',
      async () => await answer(await form({ from: 'hotline.nl' })),
    ],
    'a form that another member has sealed': [
      'sender-mismatch',
      async () => await answer(await form({}, stranger)),
    ],
    'a form that was refused before it had an id': [
      'proof-wrong',
      async () => await answer(await form(), { ...REUSED, verdict: { decision: 'refuse', code: 'expired' } }),
    ],
    'a form on the log of the other nation': [
      'proof-wrong',
      async () => await answer(await form(), { ...PERMIT, stage: 'enter' }, 'FR'),
    ],
  };
  it.each(Object.entries(attacks))('%s is not taken', async (_, [code, attack]) => {
    const own = await form();
    seal(own);
    await expect(attack()).rejects.toMatchObject({ code });
    expect(row()?.messageHash).toEqual(own.messageHash);
    expect([row()?.outcome, words()]).toEqual(['', []]);
  });

  it.each(['hold', 'refuse'])('nor is a second form of what its gate did %s', async (decision) => {
    const own = await form();
    seal(own);
    await answer(own, { ...PERMIT, verdict: { decision, code: 'expired' } });
    await expect(answer(await form())).rejects.toMatchObject({ code: 'proof-wrong' });
    expect(row()?.messageHash).toEqual(own.messageHash);
  });
});
