import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Content, newId, type Submission } from '@entente/contract';
import type { Sealed } from '@entente/seal';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acceptStatement } from './accept-statement.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { keep } from './submit.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge();
});
afterEach(() => own.close());

const hashOf = (id: string) => createHash('sha256').update(id).digest();

/** A referral that was sealed and sent. */
function sent(): string {
  const { edge, clock } = own;
  const content = submission.content as Content;
  const { id } = keep(edge, submission, content, { key: null, createdMs: clock.ms });
  const bytes = Buffer.from(id, 'hex');
  const sealed = { envelope: bytes, envelopeSha256: bytes, messageHash: hashOf(id), salt: bytes };
  edge.outbox.seal(id, { ...sealed, notes: [], submission }, clock.ms);
  return id;
}

const accept = async (ids: readonly string[], raw: Uint8Array, from: string = submission.to) => {
  const about = ids.map((messageId) => ({ messageId, messageHash: hashOf(messageId), code: '' }));
  const header = { from, statement: { evidence: 'delivered', about, atMs: own.clock.ms } };
  await acceptStatement(own.edge, { header } as unknown as Sealed, raw);
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

test("a gate's word that a message may pass ends nothing, and is kept with its own proof", () => {
  const id = sent();
  const said = { messageId: id, evidence: 'submission-accepted', source: 'DE', atMs: 1 } as const;
  own.edge.evidence.file({ ...said, code: '', reason: '', rules: [], raw: Buffer.from('an entry') });
  expect([rawsOf(id), outcomeOf(id)]).toEqual([['an entry'], '']);
});
