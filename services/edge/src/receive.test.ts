import { newId, packBatch, wire } from '@entente/contract';
import type { Directory } from '@entente/members';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { receive } from './receive.js';
import type { Edge } from './state.js';

let opened: TestEdge;
let looked: number;
let tried: Directory[];
beforeEach(async () => {
  [opened, looked, tried] = [await testEdge(), 0, []];
});
afterEach(() => opened.close());

/** Delivers evidence that proves nothing to an edge that has the first directory, and the last of them once it has looked. */
async function deliver(directories: readonly Directory[]): Promise<void> {
  let [current] = directories;
  const edge: Edge = {
    ...opened.edge,
    directory: () => current as Directory,
    refreshDirectory: async () => {
      looked += 1;
      current = directories.at(-1);
    },
    setAside: async (...asked) => {
      tried.push(edge.directory());
      return await opened.edge.setAside(...asked);
    },
  };
  const answer = {
    evidence: 'delivered',
    messageId: newId(),
    messageHash: Buffer.alloc(32),
    to: edge.member,
  };
  const data = packBatch([wire.delivery.encode({ answer })]);
  await receive(edge, {
    subject: 'edge.in.hotline_de',
    data,
    message: 'one',
    traceparents: [],
  } as never);
}

const [OLD, NEW] = ['old', 'new'].map((name) => ({ name }) as unknown as Directory) as [Directory, Directory];

test('what is refused is looked at once more under a newer directory', async () => {
  await deliver([OLD, NEW]);
  expect([looked, tried]).toEqual([1, [OLD, NEW]]);
  expect(opened.edge.cases.refused(10)).toMatchObject([{ code: 'case-unknown' }]);
});

test('and not again where there is none', async () => {
  await deliver([OLD]);
  expect([looked, tried]).toEqual([1, [OLD]]);
  expect(opened.edge.cases.refused(10)).toMatchObject([{ code: 'case-unknown' }]);
});
