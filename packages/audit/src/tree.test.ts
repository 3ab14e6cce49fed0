import { describe, expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import { naiveRoot } from './fixture/naive-tree.js';
import { emptyRoot, leafHash } from './merkle.js';
import type { ReadNode } from './read-node.js';
import { appendLeaves, treeRoot } from './tree.js';

const leaves = Array.from({ length: 70 }, (_, i) => leafHash(Buffer.of(i)));

describe('appendLeaves', () => {
  test.each([1, 2, 3, 7, 16, 70])(
    'gives the same tree, whether in one batch or in batches of %i',
    (batch) => {
      const stored = new Map<string, Uint8Array>();
      const readNode: ReadNode = (level, index) => stored.get(`${level}/${index}`);
      for (let size = 0; size < leaves.length; ) {
        const appended = appendLeaves(size, leaves.slice(size, size + batch), readNode);
        for (const { level, index, hash } of appended.nodes) {
          expect(stored.has(`${level}/${index}`)).toBe(false);
          expect(hash).toEqual(naiveRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)));
          stored.set(`${level}/${index}`, hash);
        }
        size = appended.size;
        expect(appended.root).toEqual(naiveRoot(leaves.slice(0, size)));
      }
      expect(stored.size).toBe(70 + 35 + 17 + 8 + 4 + 2 + 1);
      for (let size = 0; size <= leaves.length; size++) {
        expect(treeRoot(size, readNode)).toEqual(naiveRoot(leaves.slice(0, size)));
      }
    },
  );

  test('gives the root and nothing to store for an empty batch', () => {
    const appended = appendLeaves(0, [], () => undefined);
    expect(appended).toEqual({ size: 0, root: emptyRoot(), nodes: [] });
  });

  test('reads once for each bit of the size, whatever the batch', () => {
    let reads = 0;
    const readNode: ReadNode = (level, index) => {
      reads++;
      return leafHash(Buffer.from(`${level}/${index}`));
    };
    appendLeaves(0b1011, leaves, readNode);
    expect(reads).toBe(3);
  });

  test('refuses a size that no tree has, and leaves that are no hashes', () => {
    const none: ReadNode = () => undefined;
    expect(codeOf(() => appendLeaves(-1, leaves, none))).toBe('out-of-range');
    expect(codeOf(() => appendLeaves(0.5, leaves, none))).toBe('out-of-range');
    expect(codeOf(() => appendLeaves(Number.MAX_SAFE_INTEGER, leaves, none))).toBe('out-of-range');
    expect(codeOf(() => appendLeaves(0, [Buffer.alloc(31)], none))).toBe('out-of-range');
    expect(codeOf(() => treeRoot(Number.NaN, none))).toBe('out-of-range');
  });

  test('stops when storage lacks the right edge, instead of signing another tree', () => {
    expect(codeOf(() => appendLeaves(5, leaves, () => undefined))).toBe('node-missing');
    expect(codeOf(() => treeRoot(5, () => Buffer.alloc(0)))).toBe('node-missing');
  });
});
