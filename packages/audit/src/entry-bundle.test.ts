import { describe, expect, test } from 'vitest';
import { decodeBundle, encodeBundle, MAX_ENTRY_BYTES } from './entry-bundle.js';
import { codeOf } from './fixture/code-of.js';

const ENTRIES = ['', 'a', 'bc'].map((text) => Buffer.from(text));

describe('encodeBundle and decodeBundle', () => {
  test('put a big-endian length before each entry', () => {
    const bundle = encodeBundle([...ENTRIES, Buffer.alloc(258, 'd')]);
    expect(bundle.toString('hex')).toBe(`0000000161000262630102${'64'.repeat(258)}`);
    expect(decodeBundle(bundle, 4)).toEqual([...ENTRIES, Buffer.alloc(258, 'd')]);
  });

  test('take entries of up to 65,535 bytes', () => {
    const longest = Buffer.alloc(MAX_ENTRY_BYTES, 1);
    expect(decodeBundle(encodeBundle([longest]), 1)).toEqual([longest]);
    expect(codeOf(() => encodeBundle([Buffer.alloc(MAX_ENTRY_BYTES + 1)]))).toBe('entry-too-large');
  });

  test('read a bundle that lies within a larger buffer', () => {
    const outer = new Uint8Array([9, 9, ...encodeBundle(ENTRIES), 9]);
    expect(decodeBundle(outer.subarray(2, -1), 3)).toEqual(ENTRIES);
  });

  test('refuse a bundle cut anywhere, with more after its end, or of another count', () => {
    const bundle = encodeBundle(ENTRIES);
    for (let end = 0; end < bundle.length; end++) {
      expect(codeOf(() => decodeBundle(bundle.subarray(0, end), 3))).toBe('bundle-malformed');
    }
    expect(codeOf(() => decodeBundle(Buffer.concat([bundle, Buffer.of(0)]), 3))).toBe('bundle-malformed');
    expect(codeOf(() => decodeBundle(bundle, 2))).toBe('bundle-malformed');
    expect(codeOf(() => decodeBundle(bundle, 4))).toBe('bundle-malformed');
  });
});
