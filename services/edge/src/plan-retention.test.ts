import { readFileSync } from 'node:fs';
import type { Referral, Submission } from '@entente/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endRetention } from './end-retention.js';
import { logOf, type TestEdge, testEdge } from './fixture/test-edge.js';
import { createHttpServer } from './http/server.js';
import { planRetention } from './plan-retention.js';
import { keep } from './submit.js';

const DAY = 86_400_000;
const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge();
});
afterEach(() => own.close());

/** A referral in a case of its own that may be kept for so many days, with its outcome. */
function send(days: number, hasOutcome = true): string {
  const { edge, clock } = own;
  const content = { ...(submission.content as Referral), retention_days: days };
  const { id, caseId } = keep(edge, { ...submission, content }, { key: null, createdMs: clock.ms });
  if (hasOutcome) edge.outbox.conclude(id, { outcome: 'delivered', code: '', reason: '', atMs: clock.ms });
  return caseId;
}
const monthAt = (ms: number) => new Date(ms).toISOString().slice(0, 7);
const NONE = { contents: 0, proofs: 0, cases: 0, inspected: 0, quarantined: 0, accesses: 0 };

test('says what goes in which month, what an order has due now, and what waits for its outcome', async () => {
  const { edge, clock } = own;
  const start = clock.ms;
  for (const days of [10, 10, 200]) send(days);
  send(200, false);
  const proofs = (days: number) => monthAt(start + (days + edge.proofDays) * DAY);
  expect(await planRetention(edge)).toEqual({
    proofDays: 1095,
    accessDays: 1095,
    months: [
      { ...NONE, month: monthAt(start + 10 * DAY), contents: 2 },
      { ...NONE, month: monthAt(start + 200 * DAY), contents: 2 },
      { ...NONE, month: proofs(10), proofs: 2, cases: 2 },
      { ...NONE, month: proofs(200), proofs: 2, cases: 2 },
    ],
    held: [],
    waiting: 1,
  });
  clock.ms += 11 * DAY;
  expect((await planRetention(edge)).months[0]).toMatchObject({ month: monthAt(clock.ms), contents: 2 });
  await endRetention(edge);
  // As it was said before it went: nothing of it is planned again but what is left, and that it went.
  expect((await planRetention(edge)).months.map((one) => ({ ...one, accesses: 0 }))).toEqual([
    { ...NONE, month: monthAt(start + 200 * DAY), contents: 2 },
    { ...NONE, month: monthAt(clock.ms + edge.proofDays * DAY), proofs: 2, cases: 2 },
    { ...NONE, month: proofs(200), proofs: 2, cases: 2 },
  ]);
});

test('a legal hold is named with what it stops, and none of that is planned', async () => {
  const { edge, clock } = own;
  const caseId = send(10);
  send(10);
  edge.legalHolds.put(caseId, 'court file 17/26', clock.ms);
  const { months, held } = await planRetention(edge);
  expect(held).toEqual([
    {
      caseId,
      reason: 'court file 17/26',
      sinceMs: clock.ms,
      contents: 1,
      proofs: 1,
      quarantined: 0,
      accesses: 0,
    },
  ]);
  expect(months.map(({ contents, cases }) => [contents, cases])).toEqual([
    [1, 0],
    [0, 1],
  ]);
  clock.ms += 2000 * DAY;
  while ((await endRetention(edge)) > 0);
  clock.ms += 2000 * DAY;
  while ((await endRetention(edge)) > 0);
  expect(edge.outbox.inCase(caseId)).toHaveLength(1);
  const after = await planRetention(edge);
  expect(after.held).toMatchObject([{ contents: 1, proofs: 1 }]);
  expect(after.months.filter(({ contents, proofs, cases }) => contents + proofs + cases > 0)).toEqual([]);
});

test('what waits in quarantine has its month, unless its case is held', async () => {
  const { edge } = own;
  edge.quarantine.keep('a'.repeat(32), { source: 'isp.fr', subject: 's', bytes: Buffer.from('x') }, 0, 0);
  own.clock.ms = Date.now();
  const { months } = await planRetention(edge);
  expect(months).toEqual([{ ...NONE, month: monthAt(Date.now() + 30 * DAY + 300_000), quarantined: 1 }]);
});

test('is read with the token, and is an entry of the log of accesses', async () => {
  send(10);
  const app = await createHttpServer(own.edge, 'token', () => undefined);
  const ask = async (token: string) =>
    await app.inject({ url: '/v1/retention', headers: { authorization: `Bearer ${token}` } });
  expect((await ask('wrong')).statusCode).toBe(401);
  expect((await ask('token')).json()).toMatchObject({ member: 'hotline.de', proof_days: 1095, waiting: 0 });
  expect(logOf(own.edge)).toMatchObject([{ what: 'search', detail: 'retention' }]);
  await app.close();
});
