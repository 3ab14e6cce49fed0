import { createHash } from 'node:crypto';
import { appendLeaves, consistencyProof, leafHash } from '@entente/audit';
import type { wire } from '@entente/contract';
import { expect, test } from 'vitest';
import { checkAnchor, type PlacedAnchor } from './check-anchor.js';

/** A log of accesses as one edge has it; another seed, another history. */
function accessLog(seed: string) {
  const nodes = new Map<string, Uint8Array>();
  const readNode = (level: number, index: number) => nodes.get(`${level} ${index}`);
  const roots: Uint8Array[] = [createHash('sha256').digest()];
  for (let i = 0; i < 20; i++) {
    const appended = appendLeaves(i, [leafHash(Buffer.from(`${seed} ${i}`))], readNode);
    for (const { level, index, hash } of appended.nodes) nodes.set(`${level} ${index}`, hash);
    roots.push(appended.root);
  }
  return (oldSize: number, size: number) => ({
    ...{ oldSize, size, root: roots[size] ?? new Uint8Array() },
    consistency: oldSize < size ? consistencyProof(oldSize, size, readNode) : [],
  });
}

const own = accessLog('own');
const another = accessLog('another');

/** What is found in a nation's log that holds these anchors in this order, at every second entry; the entry at `goneAt` is erased. */
function faults(anchors: readonly wire.AccessAnchorFrame[], { from = 'hotline.de', goneAt = -1 } = {}) {
  const known = new Map<string, PlacedAnchor>();
  const found: string[] = [];
  for (const [i, access] of anchors.entries()) {
    const header = { from, statement: { access } } as unknown as wire.HeaderFrame;
    const index = 2 * i;
    const entry = { index, header, lastGone: goneAt < index ? goneAt : -1 };
    if (!checkAnchor(known, entry, (code) => void found.push(code))) found.push('unknown');
  }
  return found;
}

test('a log that only grows holds, also if it did not grow', () => {
  expect(faults([own(0, 3), own(3, 8), own(8, 8), own(8, 20)])).toEqual([]);
});

test('an anchor that goes back is found: a log that was cut, or a backup', () => {
  expect(faults([own(0, 8), own(0, 3)])).toEqual(['access-log-shrank']);
  expect(faults([own(0, 8), own(3, 5)])).toEqual(['access-log-shrank']);
});

test('a log that was written anew is found, whatever it proves of itself', () => {
  expect(faults([own(0, 8), another(8, 20)])).toEqual(['access-log-rewritten']);
  expect(faults([own(0, 8), another(8, 8)])).toEqual(['access-log-rewritten']);
  expect(faults([own(0, 8), { ...own(8, 20), consistency: [] }])).toEqual(['access-log-rewritten']);
  expect(faults([own(0, 8), { ...own(8, 20), root: Buffer.alloc(32) }])).toEqual(['access-log-rewritten']);
});

test('an anchor that leaves out the one before it proves nothing', () => {
  expect(faults([own(0, 3), own(3, 8), own(3, 20)])).toEqual(['access-log-unproved']);
  expect(faults([own(0, 8), another(0, 20)])).toEqual(['access-log-unproved']);
});

test('what came before may stand in the log of another year, or be erased', () => {
  expect(faults([own(8, 20)])).toEqual([]);
  expect(faults([own(0, 3), own(8, 20)], { goneAt: 1 })).toEqual(['unknown']);
  expect(faults([own(0, 8), own(0, 3)], { goneAt: 1 })).toEqual(['access-log-shrank']);
});

test('what was erased before the last anchor excuses nothing that came after', () => {
  expect(faults([own(0, 3), own(8, 12), another(15, 20)], { goneAt: 1 })).toEqual([
    'unknown',
    'access-log-unproved',
  ]);
});

test('members have logs of their own', () => {
  const known = new Map<string, PlacedAnchor>();
  const found: string[] = [];
  for (const [from, access] of [
    ['hotline.de', own(0, 8)],
    ['isp.de', another(0, 3)],
  ] as const) {
    const header = { from, statement: { access } } as unknown as wire.HeaderFrame;
    checkAnchor(known, { index: 0, header, lastGone: -1 }, (code) => void found.push(code));
  }
  expect(found).toEqual([]);
});
