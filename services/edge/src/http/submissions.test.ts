import { readFileSync } from 'node:fs';
import { Rejection } from '@entente/contract';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestEdge, testEdge } from '../fixture/test-edge.js';
import { createHttpServer } from './server.js';

const EXAMPLE = new URL('../../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8'));

let own: TestEdge;
let app: FastifyInstance;
let hasLeft: boolean;
beforeEach(async () => {
  own = await testEdge();
  hasLeft = false;
  const member = () => {
    if (hasLeft) throw new Rejection('recipient-unknown');
  };
  const directory = () => ({ member, nations: new Map() }) as never;
  app = await createHttpServer({ ...own.edge, directory }, 'token', () => undefined);
});
afterEach(async () => {
  await app.close();
  own.close();
});

const hand = async (payload: string, token = 'token', key = '') =>
  await app.inject({
    ...{ method: 'POST', url: '/v1/referrals', payload },
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      ...(key === '' ? {} : { 'idempotency-key': key }),
    },
  });

test.each([15, 16, 10_000, 200_000])(
  'a content with %i levels in a field is the fault of its author',
  async (levels) => {
    const deep = `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const text = JSON.stringify(submission).replace('"content":{', `"content":{"x":${deep},`);
    const answer = await hand(text);
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({
      error: {
        code: 'content-invalid',
        message: expect.stringMatching(levels > 15 ? /nested/ : /unknown field/),
      },
    });
  },
);

test.each(['', 'toke', 'token ', 'token1', 'Token', 'x'.repeat(5000)])(
  'the token "%s" is none',
  async (token) => {
    expect((await hand(JSON.stringify(submission), token)).statusCode).toBe(401);
    expect(own.edge.outbox.countWaiting()).toBe(0);
  },
);

test('the same report under the same key is one message, however its person is written; by another person it is a conflict', async () => {
  const text = (change: object) => JSON.stringify({ ...submission, ...change });
  const first = await hand(text({ actor: 'Anna' }), 'token', 'key');
  expect(first.json()).toMatchObject({ is_new: true });
  for (const actor of ['Anna', 'anna', own.edge.actors.pseudonymOf('Anna')])
    expect((await hand(text({ actor }), 'token', 'key')).json()).toEqual({ ...first.json(), is_new: false });
  expect((await hand(text({ actor: 'Berta' }), 'token', 'key')).statusCode).toBe(409);
  expect((await hand(text({}), 'token', 'key')).statusCode).toBe(409);
});

test('a report is answered again under its key when its recipient is no member any more, and no other is taken', async () => {
  const text = JSON.stringify(submission);
  const first = await hand(text, 'token', 'key');
  hasLeft = true;
  expect((await hand(text, 'token', 'key')).json()).toEqual({ ...first.json(), is_new: false });
  for (const key of ['another', '']) {
    const refused = await hand(text, 'token', key);
    expect([refused.statusCode, refused.json()]).toMatchObject([
      422,
      { error: { code: 'recipient-unknown' } },
    ]);
  }
  expect(own.edge.outbox.countWaiting()).toBe(1);
});
