import { describe, expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import { memoryTree, numberedEntries } from './fixture/memory-tree.js';
import { emptyRoot, leafHash } from './merkle.js';
import { consistencyProof } from './prove.js';
import { treeRoot } from './tree.js';
import { type Consistency, verifyConsistency } from './verify-consistency.js';

const { readNode } = memoryTree(numberedEntries(40));

function honest(oldSize: number, size: number): Consistency {
  return {
    oldSize,
    oldRoot: treeRoot(oldSize, readNode),
    size,
    root: treeRoot(size, readNode),
    proof: consistencyProof(oldSize, size, readNode),
  };
}

describe('verifyConsistency', () => {
  const stranger = leafHash(Buffer.from('stranger'));
  const good = honest(11, 29);
  const { proof } = good;
  const power = honest(8, 29);

  test('accepts that every tree begins with the empty one, and with itself', () => {
    expect(codeOf(() => verifyConsistency(honest(0, 0)))).toBeUndefined();
    expect(codeOf(() => verifyConsistency(honest(0, 29)))).toBeUndefined();
    expect(codeOf(() => verifyConsistency(honest(29, 29)))).toBeUndefined();
  });

  test.each<[string, Consistency]>([
    ['another old root', { ...good, oldRoot: stranger }],
    ['another new root', { ...good, root: stranger }],
    ['the roots swapped', { ...good, oldRoot: good.root, root: good.oldRoot }],
    ['a shrunken tree', { ...good, oldSize: 29, size: 11 }],
    ['another old size', { ...good, oldSize: 12 }],
    ['a new size of another shape', { ...good, size: 64 }],
    ['a negative size', { ...good, oldSize: -1 }],
    ['a fractional size', { ...good, oldSize: 10.5 }],
    ['a size that is no number', { ...good, size: Number.NaN }],
    ['a size beyond exact numbers', { ...good, size: 2 ** 53 }],
    ['no hashes', { ...good, proof: [] }],
    ['one hash too few', { ...good, proof: proof.slice(0, -1) }],
    ['one hash too many', { ...good, proof: [...proof, stranger] }],
    ['a hash put in front', { ...good, proof: [stranger, ...proof] }],
    ['swapped hashes', { ...good, proof: [...proof].reverse() }],
    ['a short hash', { ...good, proof: proof.map((hash) => hash.subarray(1)) }],
    ['a short root', { ...good, root: good.root.subarray(1) }],
    ['the old root in front of a power of two', { ...power, proof: [power.oldRoot, ...power.proof] }],
    ['another old root of a power of two', { ...power, oldRoot: stranger }],
    ['another root at the same size', { ...honest(29, 29), oldRoot: stranger }],
    ['hashes at the same size', { ...honest(29, 29), proof: [stranger] }],
    ['a made-up root of the empty tree', { ...honest(0, 29), oldRoot: stranger }],
    ['hashes from the empty tree', { ...honest(0, 29), proof: [stranger] }],
    ['one made-up root of two empty trees', { ...honest(0, 0), oldRoot: stranger, root: stranger }],
    ['a made-up root of the new empty tree', { ...honest(0, 0), oldRoot: emptyRoot(), root: stranger }],
  ])('refuses a proof with %s', (_, claim) => {
    expect(codeOf(() => verifyConsistency(claim))).toBe('consistency-invalid');
  });

  test('refuses every proof for any other pair of sizes with the same roots', () => {
    expect(codeOf(() => verifyConsistency(good))).toBeUndefined();
    for (let oldSize = 1; oldSize < 40; oldSize++) {
      const refused = codeOf(() => verifyConsistency({ ...good, oldSize }));
      expect(refused).toBe(oldSize === 11 ? undefined : 'consistency-invalid');
    }
  });

  test('refuses a log that has rewritten one of its entries', () => {
    const entries = numberedEntries(40);
    entries[3] = Buffer.from('rewritten');
    const fork = memoryTree(entries);
    for (let size = 5; size <= 40; size++) {
      const claim = {
        ...honest(4, size),
        root: treeRoot(size, fork.readNode),
        proof: consistencyProof(4, size, fork.readNode),
      };
      expect(codeOf(() => verifyConsistency(claim))).toBe('consistency-invalid');
    }
  });
});
