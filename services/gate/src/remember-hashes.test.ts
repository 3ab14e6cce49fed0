import { expect, test } from 'vitest';
import { rememberHashes } from './remember-hashes.js';

const hash = (byte: number) => new Uint8Array(32).fill(byte);

test('knows a hash by its bytes, and forgets the oldest of too many', () => {
  const hashes = rememberHashes(2);
  for (const byte of [1, 2, 2, 255]) hashes.add(hash(byte));
  expect([1, 2, 255, 3].map((byte) => hashes.has(hash(byte)))).toEqual([false, true, true, false]);
});
