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

test('an access log goes on record once a day, and only if it grew', async () => {
  expect(await anchorAccess(edge)).toBe(false);
  await look(3);
  expect(await anchorAccess(edge)).toBe(true);
  onRecord();
  await look(2);
  expect(await anchorAccess(edge)).toBe(false);
  own.clock.ms += DAY_MS;
  expect(await anchorAccess(edge)).toBe(true);
  onRecord();
  own.clock.ms += DAY_MS;
  expect(await anchorAccess(edge)).toBe(false);
  expect(anchors().map((access) => [access?.oldSize, access?.size])).toEqual([
    [0, 3],
    [3, 5],
  ]);
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
  const asked = await Promise.all([anchorAccess(edge), anchorAccess(edge, true), anchorAccess(edge)]);
  expect(asked.filter((isNew) => isNew)).toHaveLength(1);
  await look();
  expect(await anchorAccess(edge, true)).toBe(false);
  expect(anchors()).toHaveLength(1);
});

test('one that the gate has refused is no base for the next', async () => {
  await look();
  await anchorAccess(edge);
  const [first] = edge.anchors.list(1);
  edge.requests.end(first?.request.id ?? '', 'refused', 'expired');
  await look();
  expect(await anchorAccess(edge, true)).toBe(true);
  expect(anchors()[1]).toMatchObject({ oldSize: 0, size: 2 });
});
