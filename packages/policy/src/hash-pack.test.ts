import { expect, it } from 'vitest';
import { hashPack } from './hash-pack.js';

const file = (name: string, text: string) => ({ name, text, bytes: Buffer.from(text) });

it('names engine, nation and every byte of every file, and where each part ends', () => {
  const hashes = [
    hashPack('DE', '4.13.0', [file('a', 'bc')]),
    hashPack('FR', '4.13.0', [file('a', 'bc')]),
    hashPack('DE', '4.14.0', [file('a', 'bc')]),
    hashPack('DE', '4.13.0', [file('ab', 'c')]),
    hashPack('DE', '4.13.0', [file('a', 'b'), file('c', '')]),
    hashPack('DE', '4.13.0', []),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
});

it('stays what it is: another format makes other names of all packs, and is a decision', () => {
  expect(hashPack('DE', '4.13.0', [file('a', 'bc')])).toBe(
    '1d35c342b189a7c934c8bddbb0d30cdd7a5f4438ff128da02ba1930cf2671545',
  );
});
