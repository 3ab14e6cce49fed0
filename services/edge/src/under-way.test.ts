import { readFileSync } from 'node:fs';
import { type Referral, type Submission, wire } from '@entente/contract';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { dispatch } from './dispatch.js';
import { newRecipient } from './fixture/new-recipient.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import type { CheckedSubmission } from './outbox-row.js';
import type { Edge } from './state.js';
import { keep } from './submit.js';
import { createUnderWay } from './under-way.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const MOST = 256;
const form = (id: string) => ({ id, to: 'isp.fr', messageHash: null });

let own: TestEdge;
let edge: Edge;
let sent: number;
let ahead: number;
beforeEach(async () => {
  own = await testEdge();
  [sent, ahead] = [0, 0];
  const recipient = await newRecipient();
  const verdicts = [{ nation: 'DE', stage: 'leave', verdict: { decision: 'permit' } }];
  edge = {
    ...own.edge,
    bus: { request: async () => wire.preflightReply.encode({ verdicts } as never) } as never,
    directory: () => ({ encryptionKey: () => recipient }) as never,
    send: async () => {
      sent += 1;
    },
    sendAhead: async () => {
      ahead += 1;
    },
  };
});
afterEach(() => own.close());

function take(howMany: number, urgency = 'routine'): string[] {
  const content = { ...(submission.content as Referral), urgency };
  return Array.from({ length: howMany }, () => {
    const checked = { ...submission, content } as CheckedSubmission;
    return keep(edge, checked, { key: null, createdMs: edge.now() }).id;
  });
}

/** As often as a turn sends something, and once more. */
async function sendAll(): Promise<void> {
  while ((await dispatch(edge)) > 0);
}

it('no more goes to a gate than it has answered, but for what saves a life and what comes again', async () => {
  const ids = take(MOST + 50);
  await sendAll();
  expect(sent).toBe(MOST);
  take(1, 'emergency');
  await sendAll();
  expect([sent, ahead]).toEqual([MOST, 1]);
  own.clock.ms += 4000;
  await sendAll();
  // Each once more, that of the emergency as well.
  expect([sent, ahead]).toEqual([2 * MOST, 2]);
  for (const id of ids.slice(0, 20)) edge.underWay.answered(id);
  await sendAll();
  // The emergency has taken the place of one.
  expect(sent).toBe(2 * MOST + 19);
});

it('what waits behind many that were never sent comes again all the same', async () => {
  const [first] = take(1);
  await sendAll();
  own.clock.ms += 4000;
  take(MOST);
  await dispatch(edge);
  expect(edge.outbox.find(first as string)?.attempts).toBe(2);
});

it('whom nobody answers keeps no other waiting for more than a minute', () => {
  let ms = 0;
  const underWay = createUnderWay(() => ms);
  for (let n = 0; n < MOST; n += 1) underWay.sent(form(String(n)), 'FR');
  expect(underWay.room()).toBe(0);
  ms = 59_000;
  expect(underWay.room()).toBe(0);
  underWay.sent(form('later'), 'FR');
  ms = 60_001;
  expect(underWay.room()).toBe(MOST - 1);
});

/** Many that are sent at once to a nation, and after how long the gate answers and they arrive. */
function measured() {
  let ms = 0;
  const underWay = createUnderWay(() => ms);
  const send = (howMany: number, nation: string, answeredMs: number, arrivedMs: number) => {
    const ids = Array.from({ length: howMany }, (_, n) => `${ms}/${n}`);
    for (const id of ids) underWay.sent(form(id), nation);
    ms += answeredMs;
    for (const id of ids) underWay.answered(id);
    ms += arrivedMs - answeredMs;
    for (const id of ids) underWay.ended(id, true);
  };
  const later = (afterMs: number) => {
    ms += afterMs;
  };
  return { underWay, send, later };
}

it('what goes where it takes long is sent again later, and as before when it no longer does', () => {
  const { underWay, send, later } = measured();
  send(100, 'FR', 100, 1500);
  expect(underWay.patienceMs('FR')).toBe(4000);
  send(100, 'FR', 100, 12_000);
  expect(underWay.patienceMs('FR')).toBeGreaterThan(23_000);
  expect(underWay.patienceMs('NL')).toBe(4000);
  send(100, 'FR', 100, 3_600_000);
  const longest = underWay.patienceMs('FR');
  expect(longest).toBeGreaterThan(59_000);
  expect(longest).toBeLessThanOrEqual(60_000);
  later(60_000);
  expect(underWay.patienceMs('FR')).toBeCloseTo(longest / 2);
  send(100, 'FR', 100, 500);
  expect(underWay.patienceMs('FR')).toBe(4000);
});

it('a gate that is slow to answer is slow for all nations; what never arrives is no measure', () => {
  const { underWay, send, later } = measured();
  underWay.sent(form('never'), 'FR');
  later(50_000);
  for (let n = 0; n < 100; n += 1) underWay.ended('never', false);
  expect(underWay.patienceMs('FR')).toBe(4000);
  send(100, 'FR', 10_000, 10_000);
  expect(underWay.patienceMs('NL')).toBeGreaterThan(19_000);
  expect(underWay.patienceMs('NL')).toBeLessThan(20_000);
});

it('one of many that is lost, and comes when it was sent again, changes nothing', () => {
  const { underWay, send } = measured();
  for (let n = 0; n < 50; n += 1) {
    send(1, 'FR', 4050, 4050);
    send(30, 'FR', 50, 50);
    expect(underWay.patienceMs('FR')).toBe(4000);
  }
});

it('an outage is no measure of the way, and what it kept from leaving takes no place', async () => {
  const ids = take(MOST + 50);
  const out: Edge = { ...edge, send: () => Promise.reject(new Error('there is no connection')) };
  for (let n = 0; n < 20; n += 1) {
    expect(await dispatch(out)).toBe(0);
    own.clock.ms += 1000;
  }
  expect(edge.underWay.room()).toBe(MOST);
  await sendAll();
  for (const id of ids) edge.underWay.answered(id);
  expect(edge.underWay.patienceMs('FR')).toBe(4000);
});

it('waits as long as it takes before it sends again', async () => {
  const [first, second] = take(2) as [string, string];
  await dispatch(edge);
  // By the monotonic clock a moment, which is less than the least: nothing changes yet.
  edge.underWay.ended(first, true);
  const patient = { ...edge, underWay: { ...edge.underWay, patienceMs: () => 20_000 } };
  own.clock.ms += 4000;
  await dispatch(patient);
  expect(edge.outbox.find(second)?.attempts).toBe(2);
  own.clock.ms += 39_000;
  await dispatch(patient);
  expect(edge.outbox.find(second)?.attempts).toBe(2);
  own.clock.ms += 1000;
  await dispatch(patient);
  expect(edge.outbox.find(second)?.attempts).toBe(3);
});
