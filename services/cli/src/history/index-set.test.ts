import { expect, test } from 'vitest';
import { createIndexSet } from './index-set.js';

test('holds what was put into it and not taken out, in any order', () => {
  const [set, plain] = [createIndexSet(), new Set<number>()];
  let state = 7;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  for (let i = 0; i < 1000; i++) {
    const index = random(200);
    if (random(2) === 0) {
      set.add(index);
      plain.add(index);
    } else expect(set.remove(index)).toBe(plain.delete(index));
    const ranges = set.ranges();
    expect(ranges.every(([from, to], at) => from <= to && from > (ranges[at - 1]?.[1] ?? -2) + 1)).toBe(true);
  }
  expect([...set.indices()]).toEqual([...plain].sort((a, b) => a - b));
  expect([...createIndexSet(set.ranges()).indices()]).toEqual([...set.indices()]);
});

test('keeps many neighbours as one range', () => {
  const set = createIndexSet();
  for (let i = 0; i < 100_000; i++) set.add(i);
  expect(set.ranges()).toEqual([[0, 99_999]]);
  for (let i = 0; i < 100_000; i++) set.remove(i);
  expect(set.isEmpty()).toBe(true);
});

test('takes entries in the worst order: each apart from the others, the last one first', () => {
  const set = createIndexSet();
  for (let i = 500_000; i > 0; i--) set.add(2 * i);
  expect(set.ranges()).toHaveLength(500_000);
  for (let i = 500_000; i > 0; i--) set.remove(2 * i);
  expect(set.isEmpty()).toBe(true);
});
