import { expect, test } from 'vitest';
import { CLOCKS_DIFFER_MS, mayBeErased } from './may-be-erased.js';

const HOUR_MS = 3_600_000;

test.each<[string, readonly number[], readonly number[], number]>([
  ['nothing, where nothing was erased', [HOUR_MS], [], 0],
  ['what had left by then', [HOUR_MS, 3 * HOUR_MS], [2 * HOUR_MS], 1],
  ['nothing that left later', [3 * HOUR_MS], [HOUR_MS, 2 * HOUR_MS], 0],
  ['one message for each entry', [HOUR_MS, HOUR_MS, HOUR_MS], [2 * HOUR_MS, 2 * HOUR_MS], 2],
  ['the later one of two, if only its entry is young enough', [3 * HOUR_MS, HOUR_MS], [4 * HOUR_MS], 1],
  ['each by an entry of its own, in whatever order they are given', [5, 1].map(hours), [6, 2].map(hours), 2],
  ['what seems to have come first, by two clocks', [HOUR_MS], [HOUR_MS - CLOCKS_DIFFER_MS], 1],
  ['but not by more than clocks may differ', [HOUR_MS], [HOUR_MS - CLOCKS_DIFFER_MS - 1], 0],
])('may be %s', (_what, leftMs, erasedMs, count) => {
  expect(mayBeErased(leftMs, erasedMs)).toBe(count);
});

function hours(n: number): number {
  return n * HOUR_MS;
}
