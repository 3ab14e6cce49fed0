import { describe, expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import { memoryTree, numberedEntries } from './fixture/memory-tree.js';
import { leafHash, nodeHash } from './merkle.js';
import { inclusionProof } from './prove.js';
import { treeRoot } from './tree.js';
import { type Inclusion, type ProvedPath, verifyInclusion } from './verify-inclusion.js';

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

const FLIPS = [0, 100, 255];

function flipped(hash: Uint8Array, bit: number): Buffer {
  const changed = Buffer.from(hash);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
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

// Whoever sends proofs can have one of them proved first, and then send another that meets it.
describe('with a path that was proved before', () => {
  const everyPair = (check: (claim: Inclusion, before: ProvedPath) => void) => {
    for (const size of [1, 2, 3, 7, 8, 13, 16])
      for (let other = 0; other < size; other++) {
        const before = verifyInclusion(honest(other, size));
        for (let index = 0; index < size; index++) check(honest(index, size), before);
      }
  };

  test('proves the same, and knows the same path afterwards', () => {
    everyPair((claim, before) => expect(verifyInclusion(claim, before)).toEqual(verifyInclusion(claim)));
  });

  test('meets it no later than where the two have a node in common', () => {
    const [size, other] = [32, 12];
    const before = verifyInclusion(honest(other, size));
    for (let index = 0; index < size; index++) {
      const { steps } = verifyInclusion(honest(index, size), before);
      const common = steps.findIndex(({ node }, level) => node === other >> level);
      const shared = common === -1 ? [] : steps.slice(common);
      expect(shared.every((step, i) => step === before.steps[common + i])).toBe(true);
    }
  });

  test('refuses every proof in which a hash is another, before or behind where the two meet', () => {
    everyPair((claim, before) => {
      for (const at of claim.proof.keys())
        for (const bit of FLIPS) {
          const proof = claim.proof.map((hash, i) => (i === at ? flipped(hash, bit) : hash));
          expect(codeOf(() => verifyInclusion({ ...claim, proof }, before))).toBe('inclusion-invalid');
        }
    });
  });

  test('refuses another leaf, also in place of the one that was proved', () => {
    everyPair((claim, before) => {
      for (const bit of FLIPS) {
        const forged = { ...claim, leafHash: flipped(claim.leafHash, bit) };
        expect(codeOf(() => verifyInclusion(forged, before))).toBe('inclusion-invalid');
      }
    });
  });

  test('refuses the path of one leaf under the index of any other, and the leaf of one with the path of any other', () => {
    everyPair((claim, before) => {
      for (let other = 0; other < claim.size; other++) {
        if (other === claim.index) continue;
        const [elsewhere, swapped] = [{ ...claim, index: other }, { ...honest(other, claim.size) }];
        expect(codeOf(() => verifyInclusion(elsewhere, before))).toBe('inclusion-invalid');
        const leafHash = claim.leafHash;
        expect(codeOf(() => verifyInclusion({ ...swapped, leafHash }, before))).toBe('inclusion-invalid');
      }
    });
  });

  test('refuses a proof that is shorter or longer, wherever a hash is left out or put in', () => {
    everyPair((claim, before) => {
      for (let at = 0; at <= claim.proof.length; at++) {
        const put = before.proof[at] ?? claim.leafHash;
        const longer = [...claim.proof.slice(0, at), put, ...claim.proof.slice(at)];
        expect(codeOf(() => verifyInclusion({ ...claim, proof: longer }, before))).toBe('inclusion-invalid');
        const shorter = claim.proof.filter((_, i) => i !== at);
        if (shorter.length < claim.proof.length)
          expect(codeOf(() => verifyInclusion({ ...claim, proof: shorter }, before))).toBe(
            'inclusion-invalid',
          );
      }
    });
  });

  test('refuses an inner node of the proved path as a leaf, at whatever index', () => {
    everyPair(({ size, root }, before) => {
      for (const [at, { node, hash }] of before.steps.entries()) {
        if (at === 0) continue;
        const claim = { index: node, size, root, leafHash: hash, proof: before.proof.slice(at) };
        expect(codeOf(() => verifyInclusion(claim, before))).toBe('inclusion-invalid');
      }
    });
  });
});
