import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Content, newId } from '@entente/contract';
import { createSigner, generateKey, type Sealed } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acceptStatement } from './accept-statement.js';
import { arrived } from './fixture/arrived.js';
import { statementIn, withKeyOf } from './fixture/own-key.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { type Arrived, keepArrived } from './keep-arrived.js';
import type { CheckedSubmission } from './outbox-row.js';
import { removeProofOfReceived } from './remove-proof.js';
import type { Edge } from './state.js';
import { keep } from './submit.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: CheckedSubmission };

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge();
});
afterEach(() => own.close());

const hashOf = (id: string) => createHash('sha256').update(id).digest();

/** A referral that was sealed and sent. */
function sent(): string {
  const { edge, clock } = own;
  const content = submission.content;
  const { id } = keep(edge, { ...submission, content }, { key: null, createdMs: clock.ms });
  const bytes = Buffer.from(id, 'hex');
  const sealed = { envelope: bytes, envelopeSha256: bytes, messageHash: hashOf(id), salt: bytes };
  edge.outbox.seal(id, { ...sealed, notes: [], submission }, clock.ms);
  return id;
}

const accept = async (
  ids: readonly string[],
  raw: Uint8Array,
  from: string = submission.to,
  evidence = 'delivered',
  edge = own.edge,
) => {
  const about = ids.map((messageId) => ({ messageId, messageHash: hashOf(messageId), code: '' }));
  const header = { from, statement: { evidence, about, atMs: own.clock.ms } };
  await acceptStatement(edge, { header } as unknown as Sealed, raw);
};
const outcomeOf = (id: string) => own.edge.outbox.find(id)?.outcome;
const rawsOf = (id: string) => own.edge.evidence.list(id).map(({ raw }) => Buffer.from(raw).toString());

test('what one seal says of many counts for each, and is kept once', async () => {
  const ids = [sent(), sent(), sent()];
  await accept(ids, Buffer.from('one passage'));
  for (const id of ids) expect([outcomeOf(id), rawsOf(id)]).toEqual(['delivered', ['one passage']]);
  expect(own.edge.db.prepare('SELECT count(*) AS kept FROM shared_raw').get()?.kept).toBe(1);
});

test('of a message that was not sent to this member it says nothing, and the others count', async () => {
  const ids = [sent(), newId(), sent()];
  await expect(accept(ids, Buffer.from('one passage'))).rejects.toMatchObject({ code: 'case-unknown' });
  expect([ids[0], ids[2]].map((id) => outcomeOf(String(id)))).toEqual(['delivered', 'delivered']);
});

test('of messages to another member nothing counts', async () => {
  const id = sent();
  await expect(accept([id, id], Buffer.from('x'), 'isp.de')).rejects.toMatchObject({ code: 'case-unknown' });
  expect([outcomeOf(id), rawsOf(id)]).toEqual(['', []]);
});

test('a repeat brings nothing new, in whatever company it comes', async () => {
  const ids = [sent(), sent()];
  await accept(ids, Buffer.from('first'));
  await accept([...ids, sent()], Buffer.from('second'));
  await accept(ids.slice(0, 1), Buffer.from('third'));
  for (const id of ids) expect(rawsOf(id)).toEqual(['first']);
});

describe('a sender whose clock has ended', () => {
  let known: Edge;
  beforeEach(async () => {
    known = await withKeyOf(own.edge);
  });
  const CONTENT = { category: 'csam', action: 'remove', retention_days: 90, items: [] };
  /** What came from a sender at one time, and is answered under one seal. */
  async function received(edge: Edge, howMany: number, from = 'isp.fr') {
    const messages = Array.from({ length: howMany }, () =>
      arrived({ id: newId(), caseId: newId(), from, to: 'hotline.de' }, CONTENT as unknown as Content),
    );
    await keepArrived(edge, messages);
    const [one] = messages;
    const answer = edge.cases.answerTo(one?.sealed.messageHash ?? Buffer.alloc(0)) ?? new Uint8Array();
    return { messages, answer: hexOf(answer) };
  }
  const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const aboutOf = ({ sealed: { header, messageHash } }: Arrived) => ({
    messageId: header.id,
    messageHash,
    code: '',
  });
  const strangers = (howMany: number) =>
    Array.from({ length: howMany }, newId).map((id) => ({
      messageId: id,
      messageHash: hashOf(id),
      code: '',
    }));
  const ended = async (edge: Edge, about: readonly object[], evidence = 'relay-failed') => {
    const header = { from: 'isp.fr', statement: { evidence, about, atMs: own.clock.ms } };
    await acceptStatement(edge, { header } as unknown as Sealed, Buffer.from('x'));
  };
  /** What goes to the gate, and how often something was written. */
  function watched(inner = known) {
    const sends: string[] = [];
    let commits = 0;
    const edge: Edge = {
      ...inner,
      send: async (envelope) => void sends.push(hexOf(envelope)),
      commit: async (work) => {
        commits += 1;
        return await own.edge.commit(work);
      },
    };
    return { edge, sends, commits: () => commits };
  }

  test('gets each answer once, however many messages it speaks of', async () => {
    const [three, one] = [await received(known, 3), await received(known, 1)];
    const { edge, sends } = watched();
    await ended(edge, [...three.messages, ...one.messages].map(aboutOf));
    expect(sends.sort()).toEqual([three.answer, one.answer].sort());
  });

  test('has what never came noted together, and the rest answered', async () => {
    const { messages, answer } = await received(known, 1);
    const { edge, sends, commits } = watched();
    await ended(edge, [...strangers(40), ...messages.map(aboutOf)], 'not-delivered');
    expect([sends, commits()]).toEqual([[answer], 1]);
    expect(edge.cases.refused(500).map(({ sender }) => sender)).toEqual(Array(40).fill('isp.fr'));
  });

  test("of another's messages is told nothing, and of its own all the same", async () => {
    const [theirs, foreign] = [await received(known, 1), await received(known, 1, 'hotline.fr')];
    const { edge, sends } = watched();
    const said = ended(edge, [...foreign.messages, ...theirs.messages].map(aboutOf));
    await expect(said).rejects.toMatchObject({ code: 'case-unknown' });
    expect(sends).toEqual([theirs.answer]);
  });

  /** As after a change of this member's key: no gate takes what the one before has sealed. */
  const withNewKey = async () =>
    await withKeyOf({ ...own.edge, signer: await createSigner(await generateKey('Ed25519')) });

  test.each([
    ['sealed with a key that is not used any more', withNewKey, 0],
    ['sealed by a clock that was ahead', async () => known, 3_600_000],
  ])('gets an answer that was %s sealed anew, once for all that it asks about', async (_, then, aheadMs) => {
    own.clock.ms += aheadMs;
    const { messages, answer } = await received(known, 3);
    const other = await received(known, 1);
    own.clock.ms -= aheadMs;
    const { edge, sends } = watched(await then());
    const [first, second, third] = messages.map(aboutOf);
    await ended(
      edge,
      [first, second, first, second].flatMap((one) => one ?? []),
    );
    expect(sends).toHaveLength(1);
    const { statement, to, issuedAtMs, toRole } = await statementIn(edge, Buffer.from(sends[0] ?? '', 'hex'));
    expect([to, toRole, issuedAtMs]).toEqual(['isp.fr', 'hotline', own.clock.ms]);
    expect(statement).toMatchObject({ evidence: 'delivered', atMs: own.clock.ms, about: [first, second] });
    // It is what a repeat is answered with from then on, and what was not asked about is as it was.
    const kept = [first, second, third, ...other.messages.map(aboutOf)].map((one) =>
      hexOf(edge.cases.answerTo(one?.messageHash ?? Buffer.alloc(0)) ?? Buffer.alloc(0)),
    );
    expect(kept).toEqual([sends[0], sends[0], answer, other.answer]);
    await ended(
      edge,
      [first, second].flatMap((one) => one ?? []),
    );
    expect(sends[1]).toBe(sends[0]);
  });

  test('gets it sealed anew also where no more than the remains of its seal are kept', async () => {
    const { messages } = await received(known, 1);
    const [row] = messages.map(({ sealed }) => own.edge.cases.find(sealed.messageHash));
    if (row) removeProofOfReceived(own.edge, row);
    const { edge, sends } = watched(await withNewKey());
    await ended(edge, messages.map(aboutOf));
    const { statement, to } = await statementIn(edge, Buffer.from(sends[0] ?? '', 'hex'));
    expect([to, statement?.about]).toEqual(['isp.fr', messages.map(aboutOf)]);
  });
});

describe('what was refused', () => {
  const refuse = (name: string, sender: string, atMs: number) =>
    own.edge.cases.refuse({ sha256: hashOf(name), atMs, code: 'expired', detail: '', sender });

  test('is kept of each sender to a number, and takes no place of another', () => {
    refuse('true', 'hotline.fr', 1);
    own.edge.db.transaction(() => {
      for (let i = 0; i < 1005; i++) refuse(`${i}`, 'isp.fr', 2 + (i % 3));
    });
    expect(own.edge.db.prepare('SELECT count(*) AS kept FROM refused').get()?.kept).toBe(1001);
    expect(own.edge.cases.refused(500, 'hotline.fr')).toHaveLength(1);
    expect(own.edge.cases.refused(500).some(({ sender }) => sender === 'hotline.fr')).toBe(false);
  });

  test("is kept under its sender's name, whoever has named the same message before", () => {
    refuse('one', 'isp.fr', 1);
    refuse('one', 'hotline.fr', 2);
    expect(own.edge.cases.refusedAs(hashOf('one'), 'hotline.fr')).toBe('expired');
  });

  test('is kept for a time', () => {
    const days90 = 90 * 86_400_000;
    refuse('one', 'isp.fr', own.clock.ms);
    own.edge.cases.forgetRefused(own.clock.ms + days90);
    expect(own.edge.cases.refused(5)).toHaveLength(1);
    own.edge.cases.forgetRefused(own.clock.ms + days90 + 1);
    expect(own.edge.cases.refused(5)).toEqual([]);
  });
});

test("a gate's word that a message may pass ends nothing, and is kept with its own proof", () => {
  const id = sent();
  const said = { messageId: id, evidence: 'submission-accepted', source: 'DE', atMs: 1 } as const;
  own.edge.evidence.file({ ...said, code: '', reason: '', rules: [], raw: Buffer.from('an entry') });
  expect([rawsOf(id), outcomeOf(id)]).toEqual([['an entry'], '']);
});
