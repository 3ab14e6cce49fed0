import { describe, expect, test } from 'vitest';
import { naiveRoot } from './fixture/naive-tree.js';
import { completeAt, emptyRoot, leafHash, merkleRoot, nodeHash } from './merkle.js';

// The test inputs of Certificate Transparency's reference implementation, and the root of each first n of them.
const INPUTS = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('merkleRoot', () => {
  const leaves = INPUTS.map((hex) => leafHash(Buffer.from(hex, 'hex')));

  test.each([...ROOTS.entries()])('gives the known root of the first %i test inputs', (size, root) => {
    expect(merkleRoot(leaves.slice(0, size)).toString('hex')).toBe(root);
  });

  test('gives the root that RFC 6962 defines, for every size up to 70', () => {
    const many = Array.from({ length: 70 }, (_, i) => leafHash(Buffer.of(i)));
    for (let size = 0; size <= many.length; size++) {
      expect(merkleRoot(many.slice(0, size))).toEqual(naiveRoot(many.slice(0, size)));
    }
  });

  test('takes roots of full subtrees and a smaller last one for their leaves', () => {
    const many = Array.from({ length: 11 }, (_, i) => leafHash(Buffer.of(i)));
    const subtrees = [many.slice(0, 4), many.slice(4, 8), many.slice(8)].map((part) => merkleRoot(part));
    expect(merkleRoot(subtrees)).toEqual(merkleRoot(many));
  });

  test('gives a buffer of its own, which may be written to', () => {
    const leaf = leafHash(Buffer.of(1));
    merkleRoot([leaf]).fill(0);
    expect(leaf).toEqual(leafHash(Buffer.of(1)));
  });
});

describe('hashing', () => {
  test('does not let a node pass for the leaf of the same bytes', () => {
    const [left, right] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))];
    expect(leafHash(Buffer.concat([left, right]))).not.toEqual(nodeHash(left, right));
  });

  test('gives an empty root that no caller can change for the next', () => {
    emptyRoot().fill(0);
    expect(emptyRoot().toString('hex')).toBe(ROOTS[0]);
  });

  test('keeps earlier node hashes when the next one is made', () => {
    const [a, b] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))];
    const first = nodeHash(a, b);
    const copy = Buffer.from(first);
    nodeHash(b, a);
    expect(first).toEqual(copy);
  });
});

describe('completeAt', () => {
  test('is exact for sizes beyond 32 bits', () => {
    expect(completeAt(1, Number.MAX_SAFE_INTEGER)).toBe(2 ** 52 - 1);
    expect(completeAt(52, Number.MAX_SAFE_INTEGER)).toBe(1);
    expect(completeAt(53, Number.MAX_SAFE_INTEGER)).toBe(0);
  });
});
