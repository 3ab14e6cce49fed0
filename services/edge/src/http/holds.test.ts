import { createHash } from 'node:crypto';
import { newId, wire } from '@entente/contract';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestEdge, testEdge } from '../fixture/test-edge.js';
import { createHttpServer } from './server.js';

let own: TestEdge;
let app: FastifyInstance;
beforeEach(async () => {
  own = await testEdge('ministry.fr');
  app = await createHttpServer(own.edge, 'token', () => undefined);
});
afterEach(async () => {
  await app.close();
  own.close();
});

const header = {
  ...{
    id: newId(),
    caseId: newId(),
    from: 'police.de',
    fromRole: 'police',
    to: 'police.gb',
    toRole: 'police',
  },
  actor: 'system',
};
const payload = Buffer.from(wire.header.encode(header)).toString('base64url');
const seal = Buffer.from(`e30.${payload}.c2ln`);
const messageHash = createHash('sha256').update(seal).digest();

/** What passes from Germany to Britain, and had come from France. */
const holdBy = (nation: string, stage: string) =>
  own.edge.holds.insert({
    ...{ messageHash, role: 'ministry', sinceMs: own.clock.ms, untilMs: own.clock.ms + 86_400_000 },
    entry: wire.entry.decode(
      wire.entry.encode({ record: wire.record.encode({ nation, seal, messageHash, stage }) }),
    ),
  });
const headers = { authorization: 'Bearer token', 'entente-actor': 'desk', 'entente-justification': 'today' };
const release = async (said: object = {}) =>
  await app.inject({
    ...{ method: 'POST', url: `/v1/holds/${messageHash.toString('hex')}`, headers },
    payload: { decision: 'release', reason: 'lawful', justification: 'Order 17/26', ...said },
  });
const listed = async () => {
  const answer = await app.inject({ method: 'GET', url: '/v1/holds', headers });
  const { holds } = answer.json<{ holds: { held_by: string; decision: { id: string } | null }[] }>();
  return Object.fromEntries(holds.map(({ held_by, decision }) => [held_by, decision?.id ?? null]));
};

test('a word for one gate is not taken for another that holds the same message, and each has its own', async () => {
  holdBy('DE', 'leave');
  const first = await release();
  expect(first.statusCode).toBe(202);
  expect((await release()).json<{ id: string }>().id).toBe(first.json<{ id: string }>().id);
  own.clock.ms += 1000;
  holdBy('GB', 'enter');
  const again = await release();
  expect([again.statusCode, again.json()]).toMatchObject([409, { error: { code: 'several-hold-it' } }]);
  expect(again.body).toContain('GB, DE');
  expect(await listed()).toEqual({ DE: first.json<{ id: string }>().id, GB: null });
  expect((await release({ held_by: 'NL' })).statusCode).toBe(404);
  const other = await release({ held_by: 'GB' });
  expect(other.statusCode).toBe(202);
  expect(await listed()).toEqual({
    DE: first.json<{ id: string }>().id,
    GB: other.json<{ id: string }>().id,
  });
  expect((await release({ held_by: 'DE', decision: 'refuse' })).statusCode).toBe(409);
});
