import { readFileSync } from 'node:fs';
import { type InspectReason, newId, type Submission, wire } from '@entente/contract';
import { readUnverifiedHeader, sealStatement } from '@entente/seal';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decideHold } from '../decide-hold.js';
import { logOf, type TestEdge, testEdge } from '../fixture/test-edge.js';
import type { HoldRow } from '../hold-store.js';
import { openCommitment } from '../open-commitment.js';
import { createHttpServer } from './server.js';

const HIDDEN = 'what everybody reads\u0000and what nobody does';

let own: TestEdge;
let app: FastifyInstance;
let hold: HoldRow;
beforeEach(async () => {
  own = await testEdge('court.de');
  app = await createHttpServer(own.edge, 'token', () => undefined);
  hold = await held();
  own.edge.holds.insert(hold);
});
afterEach(async () => {
  await app.close();
  own.close();
});

/** A message of others that waits for a word of this member. */
async function held(): Promise<HoldRow> {
  const { edge } = own;
  const [issuedAtMs, expiresAtMs] = [edge.now(), edge.now() + 86_400_000];
  const draft = {
    ...{ profile: edge.profile, id: newId(), caseId: newId(), inReplyTo: '', actor: 'system' },
    ...{ from: 'hotline.de', fromRole: 'hotline', to: 'isp.de', toRole: 'hosting', issuedAtMs, expiresAtMs },
  };
  const statement = { atMs: issuedAtMs, about: [], evidence: 'held' };
  const { envelope, messageHash } = await sealStatement(draft, statement as never, edge.signer);
  const record = { nation: 'DE', seal: wire.envelope.decode(envelope).seal, stage: 'inside' };
  const entry = wire.entry.decode(
    wire.entry.encode({ record: wire.record.encode(record as never) } as never),
  );
  return { messageHash, role: 'court', entry, sinceMs: issuedAtMs, untilMs: expiresAtMs };
}

const decide = async (said: object, headers: object = {}) => {
  const { statusCode } = await app.inject({
    ...{ method: 'POST', url: `/v1/holds/${Buffer.from(hold.messageHash).toString('hex')}` },
    headers: { authorization: 'Bearer token', 'entente-actor': 'desk', ...headers },
    payload: { decision: 'release', reason: 'lawful', justification: 'two lines:\n\tboth are read', ...said },
  });
  return statusCode;
};

describe('what a person writes', () => {
  test.each([
    ['a justification', { justification: HIDDEN }, {}],
    ['half a character in it', { justification: 'read \ud800' }, {}],
    ['a name', { actor: HIDDEN }, {}],
    ['the header of a justification', {}, { 'entente-justification': encodeURIComponent(HIDDEN) }],
  ])('has no character that nobody sees: %s', async (_what, said, headers) => {
    expect(await decide(said, headers)).toBe(400);
    expect(own.edge.holds.decisionOn(hold.messageHash, 'DE')).toBeUndefined();
  });

  test('may have more than one line', async () => {
    expect(await decide({})).toBe(202);
  });

  test.each([
    ['PUT', 'legal-hold', 'reason', {}],
    ['POST', 'erase', 'reference', { reason: 'request' }],
  ] as const)('of a file number: %s %s', async (method, what, field, rest) => {
    const { statusCode } = await app.inject({
      ...{ method, url: `/v1/cases/${newId()}/${what}`, payload: { ...rest, [field]: HIDDEN } },
      headers: { authorization: 'Bearer token', 'entente-actor': 'desk' },
    });
    expect(statusCode).toBe(400);
    expect(logOf(own.edge)).toEqual([]);
  });
});

test('whatever stands in a justification, it is opened as it was sealed, and not said to be erased', async () => {
  const choice = { decision: 'release', reason: 'lawful', justification: HIDDEN, actor: 'system' } as const;
  const { id: messageId, messageHash } = await decideHold(own.edge, hold, choice);
  const opening = openCommitment(own.edge, { messageId, messageHash });
  const { opened } = opening as Extract<typeof opening, { opened: unknown }>;
  expect(Buffer.from(opened?.justification?.content ?? '').toString()).toBe(HIDDEN);
  expect(readUnverifiedHeader(opened.seal).justificationCommitment).toHaveLength(32);
});

test('whatever another edge opens to an auditor is shown whole', () => {
  const [id, caseId, messageId] = [newId(), newId(), newId()];
  const asked = { id, caseId, messageId, member: 'isp.de', messageHash: Buffer.alloc(32) };
  own.edge.inspections.ask({ ...asked, reason: 'sample' as InspectReason, createdMs: own.clock.ms });
  const shown = { result: 'match', content: HIDDEN, justified: 'opened', justification: HIDDEN } as const;
  own.edge.inspections.end(id, shown, own.clock.ms);
  expect(own.edge.inspections.find(id)).toMatchObject(shown);
  expect(own.edge.inspections.over(own.clock.ms + 1, 10)).toHaveLength(1);
});

test('who hands in a content is told the name of the field that is unknown in it', async () => {
  const EXAMPLE = new URL('../../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
  const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
  const content = { ...(submission.content as object), summry: 'misspelt' };
  const answer = await app.inject({
    ...{ method: 'POST', url: '/v1/referrals', payload: { ...submission, content } },
    headers: { authorization: 'Bearer token', 'entente-actor': 'desk' },
  });
  expect([answer.statusCode, answer.body]).toEqual([422, expect.stringContaining('summry')]);
});
