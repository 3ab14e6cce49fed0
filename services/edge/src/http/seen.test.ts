import { readFileSync } from 'node:fs';
import type { Referral, Submission } from '@entente/contract';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logOf, type TestEdge, testEdge } from '../fixture/test-edge.js';
import { keep } from '../submit.js';
import { createHttpServer } from './server.js';

const EXAMPLE = new URL('../../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };

let own: TestEdge;
let app: FastifyInstance;
beforeEach(async () => {
  own = await testEdge();
  app = await createHttpServer(own.edge, 'token', () => undefined);
});
afterEach(async () => {
  await app.close();
  own.close();
});

const get = async (url: string, actor: string) => {
  const headers = { authorization: 'Bearer token', 'entente-actor': actor, 'entente-justification': 'why' };
  return (await app.inject({ url, headers })).statusCode;
};

test('who looks at a message and its proofs is on record, once a minute for each of them', async () => {
  const { edge, clock } = own;
  const content = submission.content as Referral;
  const { id, caseId } = keep(edge, { ...(submission as object), content } as never, {
    key: null,
    createdMs: clock.ms,
  });
  for (const actor of ['anna', 'anna', 'bert']) expect(await get(`/v1/messages/${id}`, actor)).toBe(200);
  clock.ms += 60_000;
  expect(await get(`/v1/messages/${id}`, 'anna')).toBe(200);
  const anna = edge.actors.pseudonymOf('anna');
  const view = { what: 'view', case_id: caseId, message_id: id, justification: 'why', detail: '' };
  expect(logOf(edge)).toMatchObject([
    { actor: anna, ...view },
    { actor: edge.actors.pseudonymOf('bert'), ...view },
    { actor: anna, ...view },
  ]);
});

test('each look at what an inspection has opened is on record, as it shows what was said', async () => {
  const { edge, clock } = own;
  for (const id of ['one', 'two']) {
    edge.inspections.ask({
      ...{ id, member: 'isp.fr', caseId: 'c'.repeat(32), messageId: id, messageHash: Buffer.alloc(32, 1) },
      ...{ reason: 'sample', createdMs: clock.ms },
    });
    const shown = { result: 'match', justified: 'not-given', justification: '' } as const;
    edge.inspections.end(id, { ...shown, content: 'what was said' }, clock.ms);
    for (let i = 0; i < 2; i++) expect(await get(`/v1/inspections/${id}`, 'anna')).toBe(200);
  }
  expect(logOf(edge).map(({ message_id }) => message_id)).toEqual(['one', 'one', 'two', 'two']);
});

test.each(['messages', 'inbox', 'refused', 'erasures'])('who looks through %s is on record', async (list) => {
  for (let i = 0; i < 2; i++) expect(await get(`/v1/${list}`, 'anna')).toBe(200);
  expect(logOf(own.edge)).toMatchObject([{ what: 'search', detail: list, justification: 'why' }]);
});
