import { readFileSync } from 'node:fs';
import { type Content, LIMITS, type Submission } from '@entente/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { createHttpServer } from './http/server.js';
import { keep } from './submit.js';
import { watchClocks } from './watch-clocks.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const REPEAT = { clock: 'notice-repeat', minutes: 60, kind: 'practice', starts: 'delivered', ends: 'acted' };
const HOUR_MS = 3_600_000;

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge();
});
afterEach(() => own.close());

/** A referral that was sealed and sent an hour ago, and of which its recipient says that it arrived at this time. */
function deliveredAt(atMs: number): string {
  const { edge, clock } = own;
  const content = {
    ...(submission.content as object),
    urgency: 'routine',
    clocks: [REPEAT],
  } as unknown as Content;
  const said = { ...submission, content };
  const { id } = keep(edge, { ...said, content }, { key: null, createdMs: clock.ms });
  const bytes = Buffer.from(id, 'hex');
  const sealed = { envelope: bytes, envelopeSha256: bytes, messageHash: Buffer.alloc(32, id), salt: bytes };
  edge.outbox.seal(id, { ...sealed, notes: [], submission: said }, clock.ms);
  clock.ms += HOUR_MS;
  const words = { evidence: 'delivered', source: submission.to, code: '', reason: '', rules: [] } as const;
  edge.evidence.file({ ...words, messageId: id, atMs, raw: Buffer.from('what was said') });
  return id;
}

test('of a time before all times no clock begins before the message was there', async () => {
  const createdMs = own.clock.ms;
  const id = deliveredAt(0);
  expect(own.edge.outbox.find(id)).toMatchObject({ outcome: 'delivered', endedMs: createdMs });
  await watchClocks(own.edge);
  await watchClocks(own.edge);
  expect(own.edge.evidence.list(id).map(({ evidence }) => evidence)).toEqual(['delivered']);
  const { caseId } = own.edge.outbox.find(id) ?? { caseId: '' };
  expect(own.edge.outbox.inCase(caseId).map(({ updateWord }) => updateWord)).toEqual(['', 'repeat']);
});

test('a time after all times is one that has come, and every list can be read', async () => {
  const id = deliveredAt(Number.MAX_SAFE_INTEGER);
  const latestMs = own.clock.ms + LIMITS.skewMs;
  expect(own.edge.outbox.find(id)?.endedMs).toBe(latestMs);
  const app = await createHttpServer(own.edge, 'token', () => undefined);
  const headers = { authorization: 'Bearer token', 'entente-actor': 'anna' };
  for (const url of ['/v1/messages', `/v1/messages/${id}`]) {
    const answer = await app.inject({ url, headers });
    expect([url, answer.statusCode]).toEqual([url, 200]);
    expect(answer.body).toContain(new Date(latestMs).toISOString());
  }
  await app.close();
});

test('a time that can be is believed', () => {
  const atMs = own.clock.ms + HOUR_MS / 2;
  expect(own.edge.outbox.find(deliveredAt(atMs))?.endedMs).toBe(atMs);
});
