import { expect, test } from 'vitest';
import { drawBytes } from './draw-bytes.js';

const SIZES = [1, 12, 16, 33, 4096, 4097, 100_000];

test('as many bytes as are asked for, whatever was drawn before', () => {
  for (const size of [...SIZES, ...SIZES.toReversed()]) expect(drawBytes(size)).toHaveLength(size);
  expect(drawBytes(0)).toHaveLength(0);
});

test('no four bytes in a row come again more often than by chance', () => {
  const seen = new Set<number>();
  for (let i = 0; i < 20_000; i++) {
    const bytes = drawBytes(16);
    for (let at = 0; at < 16; at += 4) seen.add(bytes.readUInt32LE(at));
  }
  // Of 80,000 out of 2^32 less than one is expected twice; of a pool that is handed out twice, thousands would be.
  expect(seen.size).toBeGreaterThan(79_980);
});

test('each bit is set as often as it is not', () => {
  const counts = new Array<number>(16 * 8).fill(0);
  for (let i = 0; i < 10_000; i++) {
    const bytes = drawBytes(16);
    for (let bit = 0; bit < counts.length; bit++)
      counts[bit] = (counts[bit] as number) + (((bytes[bit >> 3] as number) >> (bit & 7)) & 1);
  }
  // Ten standard deviations.
  for (const count of counts) expect(Math.abs(count - 5000)).toBeLessThan(500);
});

test('what was drawn is its own: nothing that is done to it shows in what is drawn next', () => {
  const first = drawBytes(16);
  const copy = Buffer.from(first);
  for (let i = 0; i < 1000; i++) drawBytes(16).fill(7);
  expect(first.equals(copy)).toBe(true);
});
