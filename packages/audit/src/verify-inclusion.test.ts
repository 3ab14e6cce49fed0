import { describe, expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import { memoryTree, numberedEntries } from './fixture/memory-tree.js';
import { leafHash, nodeHash } from './merkle.js';
import { inclusionProof } from './prove.js';
import { treeRoot } from './tree.js';
import { type Inclusion, verifyInclusion } from './verify-inclusion.js';

const { leafHashes, readNode } = memoryTree(numberedEntries(40));

function honest(index: number, size: number): Inclusion {
  return {
    index,
    size,
    leafHash: leafHashes[index] ?? Buffer.alloc(0),
    root: treeRoot(size, readNode),
    proof: inclusionProof(index, size, readNode),
  };
}

describe('verifyInclusion', () => {
  const good = honest(5, 13);
  const { proof, root } = good;
  const stranger = leafHash(Buffer.from('stranger'));

  test('accepts the only leaf of a tree with no hashes', () => {
    expect(codeOf(() => verifyInclusion(honest(0, 1)))).toBeUndefined();
  });

  test.each<[string, Partial<Inclusion>]>([
    ['another leaf', { leafHash: stranger }],
    ['a neighbour’s leaf', { leafHash: leafHashes[6] ?? stranger }],
    ['another index', { index: 4 }],
    ['the index of the mirrored path', { index: 6 }],
    ['another root', { root: stranger }],
    ['a negative index', { index: -1 }],
    ['an index past the end', { index: 13 }],
    ['an index past the only leaf', { ...honest(0, 1), index: 1 }],
    ['a fractional index', { index: 5.5 }],
    ['an index that is no number', { index: Number.NaN }],
    ['a size of 0', { index: 0, size: 0 }],
    ['a size beyond exact numbers', { size: 2 ** 53 }],
    ['an infinite size', { size: Number.POSITIVE_INFINITY }],
    ['no hashes', { proof: [] }],
    ['one hash too few', { proof: proof.slice(0, -1) }],
    ['one hash too many', { proof: [...proof, stranger] }],
    ['a hash put in front', { proof: [stranger, ...proof] }],
    ['swapped hashes', { proof: [...proof].reverse() }],
    ['a short hash', { proof: proof.map((hash) => hash.subarray(1)) }],
    ['a long hash', { proof: proof.map((hash) => Buffer.concat([hash, hash])) }],
    ['a short leaf hash', { leafHash: good.leafHash.subarray(1) }],
    ['a short root', { root: root.subarray(1) }],
    ['an empty root', { root: Buffer.alloc(0) }],
  ])('refuses a proof with %s', (_, change) => {
    expect(codeOf(() => verifyInclusion(good))).toBeUndefined();
    expect(codeOf(() => verifyInclusion({ ...good, ...change }))).toBe('inclusion-invalid');
  });

  test('refuses every proof under any other index', () => {
    for (let size = 1; size <= 40; size++) {
      for (let index = 0; index < size; index++) {
        const claim = honest(index, size);
        for (let other = 0; other < size; other++) {
          const code = codeOf(() => verifyInclusion({ ...claim, index: other }));
          expect(code).toBe(other === index ? undefined : 'inclusion-invalid');
        }
      }
    }
  });

  test('refuses every proof with one flipped bit', () => {
    for (let i = 0; i < proof.length * 256; i++) {
      const changed = proof.map((hash) => Buffer.from(hash));
      const hash = changed[Math.floor(i / 256)] ?? Buffer.alloc(32);
      hash.writeUInt8((hash[Math.floor((i % 256) / 8)] ?? 0) ^ (1 << (i % 8)), Math.floor((i % 256) / 8));
      expect(codeOf(() => verifyInclusion({ ...good, proof: changed }))).toBe('inclusion-invalid');
    }
  });

  test('does not take an inner node for a leaf of a smaller tree', () => {
    const [a, b, c, d] = leafHashes.slice(0, 4) as [Buffer, Buffer, Buffer, Buffer];
    const claim = { index: 0, leafHash: leafHash(Buffer.concat([a, b])), proof: [nodeHash(c, d)] };
    const refused = codeOf(() => verifyInclusion({ ...claim, size: 2, root: treeRoot(4, readNode) }));
    expect(refused).toBe('inclusion-invalid');
  });
});
