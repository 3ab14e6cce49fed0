import { expect, test } from 'vitest';
import { createHistogram } from './histogram.js';

test('a histogram knows median and p95 to within 9 %, and forgets nothing', () => {
  const histogram = createHistogram();
  expect(histogram.summary()).toEqual({ count: 0, median: null, p95: null, longest: null });
  for (let ms = 1; ms <= 10_000; ms++) histogram.add(ms);
  const { count, median, p95, longest } = histogram.summary();
  expect([count, longest]).toEqual([10_000, 10_000]);
  expect(Math.abs((median ?? 0) / 5000 - 1)).toBeLessThan(0.09);
  expect(Math.abs((p95 ?? 0) / 9500 - 1)).toBeLessThan(0.09);
  const one = createHistogram();
  one.add(1534);
  expect(one.summary()).toEqual({ count: 1, median: 1534, p95: 1534, longest: 1534 });
  const odd = createHistogram();
  odd.add(-5);
  odd.add(Number.MAX_SAFE_INTEGER);
  expect(odd.summary()).toMatchObject({ count: 2, median: 1 });
});
