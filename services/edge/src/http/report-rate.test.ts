import { readFileSync } from 'node:fs';
import { createRateLimit } from '@entente/runtime';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestEdge, testEdge } from '../fixture/test-edge.js';
import { createHttpServer } from './server.js';

// The attacker is a system of the member's own that went wrong: it has the token, and hands in as fast as it can.

const EXAMPLE = new URL('../../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8'));

let own: TestEdge;
let app: FastifyInstance;
beforeEach(async () => {
  own = await testEdge();
  const directory = () => ({ member: () => undefined, nations: new Map() }) as never;
  const mayTake = createRateLimit(3, () => own.clock.ms);
  app = await createHttpServer({ ...own.edge, directory, mayTake }, 'token', () => undefined);
});
afterEach(async () => {
  await app.close();
  own.close();
});

const hand = async (key: string, urgency = 'routine') =>
  await app.inject({
    method: 'POST',
    url: '/v1/referrals',
    headers: { authorization: 'Bearer token', 'idempotency-key': key },
    payload: { ...submission, content: { ...submission.content, urgency } },
  });
const statuses = async (keys: readonly string[]) => {
  const all: number[] = [];
  for (const key of keys) all.push((await hand(key)).statusCode);
  return all;
};

test('more than it was set to take on in a second is asked to come again, and is taken then', async () => {
  expect(await statuses(['a', 'b', 'c', 'd', 'e'])).toEqual([202, 202, 202, 429, 429]);
  const refused = await hand('d');
  expect(refused.headers['retry-after']).toBe('1');
  expect(refused.json()).toMatchObject({ error: { code: 'too-fast' } });
  expect(own.edge.outbox.countWaiting()).toBe(3);
  own.clock.ms += 1000;
  expect(await statuses(['d', 'e'])).toEqual([202, 202]);
});

test('an emergency, and a repeat of what was taken, are never asked to wait', async () => {
  await statuses(['a', 'b', 'c', 'd']);
  expect((await hand('x', 'emergency')).statusCode).toBe(202);
  expect(await statuses(['a', 'b'])).toEqual([202, 202]);
});
