import { describe, expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import { memoryTree, numberedEntries } from './fixture/memory-tree.js';
import { naiveConsistency, naiveInclusion, naiveRoot } from './fixture/naive-tree.js';
import { leafHash, nodeHash } from './merkle.js';
import { consistencyProof, inclusionProof } from './prove.js';
import type { ReadNode } from './read-node.js';
import { treeRoot } from './tree.js';
import { verifyConsistency } from './verify-consistency.js';
import { verifyInclusion } from './verify-inclusion.js';

const MAX = 70;
const { leafHashes, readNode } = memoryTree(numberedEntries(MAX));

/** A tree of any size whose subtrees are all made up: enough to count reads. */
function countingReader(): { readonly read: ReadNode; readonly reads: () => number } {
  let count = 0;
  const read: ReadNode = (level, index) => {
    count++;
    return leafHash(Buffer.from(`${level}/${index}`));
  };
  return { read, reads: () => count };
}

describe('inclusionProof', () => {
  test('gives the path of RFC 6962 for every leaf of every tree up to 70, and it verifies', () => {
    for (let size = 1; size <= MAX; size++) {
      const leaves = leafHashes.slice(0, size);
      for (const [index, leaf] of leaves.entries()) {
        const proof = inclusionProof(index, size, readNode);
        expect(proof).toEqual(naiveInclusion(index, leaves));
        verifyInclusion({ index, size, leafHash: leaf, root: naiveRoot(leaves), proof });
      }
    }
  });

  test('gives the proofs of the example in RFC 6962 §2.1.3', () => {
    const [a, b, c, d, e, f, j] = leafHashes.slice(0, 7) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ];
    const [g, h, i] = [nodeHash(a, b), nodeHash(c, d), nodeHash(e, f)];
    const [k, l] = [nodeHash(g, h), nodeHash(i, j)];
    expect(inclusionProof(0, 7, readNode)).toEqual([b, h, l]);
    expect(inclusionProof(3, 7, readNode)).toEqual([c, g, l]);
    expect(inclusionProof(4, 7, readNode)).toEqual([f, j, k]);
    expect(inclusionProof(6, 7, readNode)).toEqual([i, k]);
    expect(consistencyProof(3, 7, readNode)).toEqual([c, d, g, l]);
    expect(consistencyProof(4, 7, readNode)).toEqual([l]);
    expect(consistencyProof(6, 7, readNode)).toEqual([i, j, k]);
  });

  test.each([
    [5, 5],
    [0, 0],
    [-1, 5],
    [1.5, 5],
    [Number.NaN, 5],
    [0, 2 ** 53],
  ])('refuses leaf %d of a tree of %d', (index, size) => {
    expect(codeOf(() => inclusionProof(index, size, readNode))).toBe('out-of-range');
  });

  test('says which storage is broken, instead of giving a wrong proof', () => {
    expect(codeOf(() => inclusionProof(3, 7, () => undefined))).toBe('node-missing');
    expect(codeOf(() => inclusionProof(3, 7, () => Buffer.alloc(31)))).toBe('node-missing');
  });

  test('reads at most twice the tree height, and verifies, in trees of up to 2^53 − 1 leaves', () => {
    for (const size of [2 ** 31 + 1, 2 ** 32 - 1, 2 ** 40 + 12345, Number.MAX_SAFE_INTEGER]) {
      for (const index of [0, 1, Math.floor(size / 3), 2 ** 31 - 1, size - 2, size - 1]) {
        const { read, reads } = countingReader();
        inclusionProof(index, size, read);
        expect(reads()).toBeLessThanOrEqual(2 * 53);
      }
    }
  });

  test('verifies in a tree beyond 32 bits, whose left half is made up', () => {
    const size = 2 ** 40 + 3;
    const [a, b, c] = leafHashes.slice(0, 3) as [Buffer, Buffer, Buffer];
    const leftHalf = leafHash(Buffer.from('left half'));
    const read: ReadNode = (level, index) => {
      if (level === 40) {
        return leftHalf;
      }
      return level === 0 ? [a, b, c][index - 2 ** 40] : nodeHash(a, b);
    };
    const root = treeRoot(size, read);
    expect(root).toEqual(nodeHash(leftHalf, nodeHash(nodeHash(a, b), c)));
    for (const [i, leaf] of [a, b, c].entries()) {
      const index = 2 ** 40 + i;
      const proof = inclusionProof(index, size, read);
      verifyInclusion({ index, size, leafHash: leaf, root, proof });
    }
    const oldRoot = treeRoot(size - 1, read);
    const proof = consistencyProof(size - 1, size, read);
    verifyConsistency({ oldSize: size - 1, oldRoot, size, root, proof });
  });
});

describe('consistencyProof', () => {
  test('gives the proof of RFC 6962 for every pair of sizes up to 70, and it verifies', () => {
    for (let size = 1; size <= MAX; size++) {
      const leaves = leafHashes.slice(0, size);
      const root = naiveRoot(leaves);
      for (let oldSize = 1; oldSize <= size; oldSize++) {
        const proof = consistencyProof(oldSize, size, readNode);
        expect(proof).toEqual(naiveConsistency(oldSize, leaves));
        verifyConsistency({ oldSize, oldRoot: naiveRoot(leaves.slice(0, oldSize)), size, root, proof });
      }
    }
  });

  test('needs no hashes from the empty tree', () => {
    expect(consistencyProof(0, 7, readNode)).toEqual([]);
    expect(consistencyProof(0, 0, readNode)).toEqual([]);
  });

  test.each([
    [8, 7],
    [-1, 7],
    [0.5, 7],
    [1, 2 ** 53],
    [1, Number.POSITIVE_INFINITY],
  ])('refuses to prove %d consistent with %d', (oldSize, size) => {
    expect(codeOf(() => consistencyProof(oldSize, size, readNode))).toBe('out-of-range');
  });

  test('reads at most twice the tree height', () => {
    for (const oldSize of [1, 2 ** 31, 2 ** 40 - 1, 2 ** 52, Number.MAX_SAFE_INTEGER - 1]) {
      const { read, reads } = countingReader();
      consistencyProof(oldSize, Number.MAX_SAFE_INTEGER, read);
      expect(reads()).toBeLessThanOrEqual(2 * 53);
    }
  });
});
