import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { newId } from '@entente/contract';
import type { Sealed } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acceptStatement } from './accept-statement.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import type { CheckedSubmission } from './outbox-row.js';
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
  const received = (id: string, sender: string, answer: string) =>
    own.edge.cases.insert({
      ...{ messageHash: hashOf(id), id, sender, caseId: newId(), category: 'csam', action: 'remove' },
      ...{ content: '{}', salt: null, passage: Buffer.alloc(9), answer: Buffer.from(answer), receivedMs: 1 },
      ...{ inReplyTo: '', updateWord: '', issuedMs: 1, eraseMs: 2 ** 50 },
    });
  /** What goes to the gate, and how often something was written. */
  function watched() {
    const sends: string[] = [];
    let commits = 0;
    const edge: Edge = {
      ...own.edge,
      send: async (envelope) => void sends.push(Buffer.from(envelope).toString()),
      commit: async (work) => {
        commits += 1;
        return await own.edge.commit(work);
      },
    };
    return { edge, sends, commits: () => commits };
  }

  test('gets each answer once, however many messages it speaks of', async () => {
    const ids = [newId(), newId(), newId(), newId()];
    for (const [i, id] of ids.entries()) received(id, 'isp.fr', i < 3 ? 'of three' : 'of one');
    const { edge, sends } = watched();
    await accept(ids, Buffer.from('x'), 'isp.fr', 'relay-failed', edge);
    expect(sends.sort()).toEqual(['of one', 'of three']);
  });

  test('has what never came noted together, and the rest answered', async () => {
    const known = newId();
    const missing = Array.from({ length: 40 }, newId);
    received(known, 'isp.fr', 'an answer');
    const { edge, sends, commits } = watched();
    await accept([...missing, known], Buffer.from('x'), 'isp.fr', 'not-delivered', edge);
    expect([sends, commits()]).toEqual([['an answer'], 1]);
    expect(edge.cases.refused(500).map(({ sender }) => sender)).toEqual(missing.map(() => 'isp.fr'));
  });

  test("of another's messages is told nothing, and of its own all the same", async () => {
    const [theirs, foreign] = [newId(), newId()];
    received(theirs, 'isp.fr', 'an answer');
    received(foreign, 'hotline.fr', 'not for isp.fr');
    const { edge, sends } = watched();
    const said = accept([foreign, theirs], Buffer.from('x'), 'isp.fr', 'relay-failed', edge);
    await expect(said).rejects.toMatchObject({ code: 'case-unknown' });
    expect(sends).toEqual(['an answer']);
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
