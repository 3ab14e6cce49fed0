import { verifyConsistency } from '@entente/audit';
import { wire } from '@entente/contract';
import type { Directory } from '@entente/members';
import { readUnverifiedHeader } from '@entente/seal';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { anchorAccess } from './anchor-access.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { logAccess } from './log-access.js';
import type { Edge } from './state.js';

const DAY_MS = 86_400_000;
let own: TestEdge;
let edge: Edge;
beforeEach(async () => {
  own = await testEdge();
  const member = { id: 'hotline.de', nation: 'DE', types: ['hotline'], roles: ['hotline'] } as const;
  const directory = { member: () => member } as unknown as Directory;
  edge = { ...own.edge, directory: () => directory };
});
afterEach(() => own.close());

const look = async (times = 1) => {
  for (let i = 0; i < times; i++)
    await logAccess(edge, { actor: 'system', justification: '' }, 'view', { detail: `${i}` });
};
const onRecord = () => {
  for (const { request } of edge.anchors.list(10)) edge.requests.end(request.id, 'logged');
};
const anchors = () =>
  [...edge.anchors.list(10)].reverse().map(({ request }) => {
    const { seal } = wire.envelope.decode(request.envelope);
    return readUnverifiedHeader(seal).statement?.access;
  });

/** The next midnight of the edge's clock, less or plus some milliseconds. */
const toMidnight = (ms: number) => {
  own.clock.ms = (Math.floor(own.clock.ms / DAY_MS) + 1) * DAY_MS + ms;
};
const sizes = () => anchors().map((access) => [access?.oldSize, access?.size]);

test('an access log goes on record when a day on which it grew is over, and at no other time', async () => {
  expect(await anchorAccess(edge)).toBe(false);
  await look(3);
  expect(await anchorAccess(edge)).toBe(false);
  toMidnight(-1);
  await look(2);
  expect(await anchorAccess(edge)).toBe(false);
  own.clock.ms += 1;
  expect(await anchorAccess(edge)).toBe(true);
  onRecord();
  expect(await anchorAccess(edge)).toBe(false);
  toMidnight(0);
  expect(await anchorAccess(edge)).toBe(false);
  expect(sizes()).toEqual([[0, 5]]);
});

test('the first access of a day after one without is not put on record before that day is over', async () => {
  await look();
  toMidnight(0);
  await anchorAccess(edge);
  onRecord();
  own.clock.ms += 3 * DAY_MS;
  await look();
  expect(await anchorAccess(edge)).toBe(false);
  toMidnight(0);
  expect(await anchorAccess(edge)).toBe(true);
  expect(sizes()).toEqual([
    [0, 1],
    [1, 2],
  ]);
});

test('an edge that did not run at the end of a day makes up for it when it runs again', async () => {
  await look(2);
  own.clock.ms += 4 * DAY_MS;
  expect(await anchorAccess(edge)).toBe(true);
  onRecord();
  await look();
  expect(await anchorAccess(edge)).toBe(false);
  expect(sizes()).toEqual([[0, 2]]);
});

test('each proves that it continues the one before it', async () => {
  for (const more of [1, 4, 9, 30]) {
    await look(more);
    expect(await anchorAccess(edge, true)).toBe(true);
    onRecord();
  }
  const all = anchors();
  for (const [i, access] of all.entries()) {
    const before = all[i - 1];
    if (!access || !before) continue;
    const { oldSize, size, root, consistency: proof } = access;
    verifyConsistency({ oldSize, oldRoot: before.root, size, root, proof });
  }
  expect(all).toHaveLength(4);
});

test('no second one is on its way before the first is on record, whoever asks at once', async () => {
  await look();
  toMidnight(0);
  const asked = await Promise.all([anchorAccess(edge), anchorAccess(edge, true), anchorAccess(edge)]);
  expect(asked.filter((isNew) => isNew)).toHaveLength(1);
  await look();
  expect(await anchorAccess(edge, true)).toBe(false);
  expect(anchors()).toHaveLength(1);
});

test('one that the gate has refused is no base for the next, and is not asked for again before another day', async () => {
  await look();
  toMidnight(0);
  await anchorAccess(edge);
  const [first] = edge.anchors.list(1);
  edge.requests.end(first?.request.id ?? '', 'refused', 'expired');
  await look();
  expect(await anchorAccess(edge)).toBe(false);
  expect(await anchorAccess(edge, true)).toBe(true);
  expect(anchors()[1]).toMatchObject({ oldSize: 0, size: 2 });
});
