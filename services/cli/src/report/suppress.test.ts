import { expect, test } from 'vitest';
import { createHistogram } from './histogram.js';
import { SMALLEST_TOLD, suppressSmall, suppressSum } from './suppress.js';

test.each<[number[], (number | null)[], number | null]>([
  [[], [], 0],
  [[0, 0], [0, 0], 0],
  [[10, 20], [10, 20], 30],
  [[3], [null], null],
  [[3, 20, 7], [null, 20, null], 30],
  [[3, 4, 20], [null, null, null], 27],
  [[3, 4, 20, 9], [null, null, 20, null], 36],
  [[1, 2], [null, null], null],
  [[3, 0, 20], [null, 0, null], 23],
])('%j is told as %j, and its sum as %j', (counts, told, sum) => {
  expect(suppressSmall(counts)).toEqual(told);
  expect(suppressSum(counts)).toBe(sum);
});

test('no small count is told, and none can be had by subtraction', () => {
  const each = Array.from({ length: 8 }, (_, count) => count);
  for (const counts of each.flatMap((a) => each.flatMap((b) => each.map((c) => [a, b, c])))) {
    const told = suppressSmall(counts);
    expect(told.some((count) => count !== null && count > 0 && count < SMALLEST_TOLD)).toBe(false);
    const untold = counts.filter((_, i) => told[i] === null);
    if (suppressSum(counts) !== null && untold.length > 0)
      expect([counts, untold.some((count) => count >= SMALLEST_TOLD)]).toEqual([counts, true]);
  }
});

test('a histogram knows median and p95 to within 9 %, and forgets nothing', () => {
  const histogram = createHistogram();
  expect(histogram.summary()).toEqual({ count: 0, median: null, p95: null, longest: null });
  for (let ms = 1; ms <= 10_000; ms++) histogram.add(ms);
  const { count, median, p95, longest } = histogram.summary();
  expect([count, longest]).toEqual([10_000, 10_000]);
  expect(Math.abs((median ?? 0) / 5000 - 1)).toBeLessThan(0.09);
  expect(Math.abs((p95 ?? 0) / 9500 - 1)).toBeLessThan(0.09);
  const odd = createHistogram();
  odd.add(-5);
  odd.add(Number.MAX_SAFE_INTEGER);
  expect(odd.summary()).toMatchObject({ count: 2, median: 1 });
});
