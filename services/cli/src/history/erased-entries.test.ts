import { describe, expect, test } from 'vitest';
import { createErasedEntries, type Missing } from './erased-entries.js';

const wants = (fromMs: number, toMs: number, ...more: readonly Missing[]): Missing => ({
  places: [{ event: 'crossing', fromMs, toMs }, ...more.flatMap(({ places }) => places)],
});
const refused = (fromMs: number, toMs: number): Missing => ({
  places: [{ event: 'rejection', fromMs, toMs }],
});

const erased = (crossing: readonly number[], rejection: readonly number[] = []) =>
  createErasedEntries(
    new Map([
      ['crossing', crossing],
      ['rejection', rejection],
    ]),
  );

describe('what is missing', () => {
  test.each<[string, readonly number[], readonly Missing[], number]>([
    ['has no explanation where nothing was erased', [], [wants(0, 9)], 0],
    ['has one of its time, its first and last moment among it', [3, 5], [wants(3, 4), wants(4, 5)], 2],
    ['has none of another time', [2, 6], [wants(3, 5)], 0],
    ['has one each', [2, 2], [wants(1, 3), wants(1, 3), wants(1, 3)], 2],
    ['has what another does not need', [2, 7], [wants(1, 9), wants(1, 3)], 2],
    [
      'has what many others do not need',
      [1, 2, 3, 4],
      [wants(1, 4), wants(1, 3), wants(1, 2), wants(1, 1)],
      4,
    ],
    ['has that of another kind', [1], [wants(1, 2, refused(1, 9)), wants(1, 1)], 2],
  ])('%s', (_what, times, missing, most) => {
    for (const order of [missing, missing.toReversed()]) {
      const { explained, short } = erased(times, [5]).explain(order);
      expect(explained.length + short.reduce((sum, { atMost }) => sum + atMost, 0)).toBe(most);
    }
  });

  test('is too much, all that competes for the same and nothing else; by groups', () => {
    const [a, b, c] = [wants(1, 3), wants(2, 3), wants(1, 2)];
    const [lone, fine, early, late] = [wants(5, 6), wants(8, 9), wants(20, 30), wants(25, 30)];
    const { explained, short } = erased([2, 3, 8, 9, 27]).explain([a, b, c, lone, fine, early, late]);
    expect(explained).toEqual([fine]);
    expect(short).toEqual([
      { missing: expect.arrayContaining([early, late]), atMost: 1 },
      { missing: expect.arrayContaining([a, b, c]), atMost: 2 },
      { missing: [lone], atMost: 0 },
    ]);
  });

  test('is explained before what need not be, of which as many as can be may have been erased as well', () => {
    const [one, other] = [wants(1, 3), wants(1, 9)];
    const entries = erased([2, 7]);
    expect(entries.explain([wants(1, 9)]).explained).toHaveLength(1);
    expect(entries.alsoErased([one, other])).toEqual([one]);
  });

  test('is as much explained as by trying every way, in every small case', () => {
    const random = seeded(11);
    for (let round = 0; round < 400; round++) {
      const times = Array.from({ length: random(6) }, () => random(8));
      const refusals = Array.from({ length: random(3) }, () => random(8));
      const missing = Array.from({ length: random(7) }, () => {
        const from = random(8);
        return wants(from, from + random(4), ...(random(2) === 0 ? [refused(from, 9)] : []));
      });
      const { explained, short } = erased(times, refusals).explain(missing);
      const most = explained.length + short.reduce((sum, { atMost }) => sum + atMost, 0);
      const points = [
        ...times.map((atMs) => ({ event: 'crossing', atMs })),
        ...refusals.map((atMs) => ({ event: 'rejection', atMs })),
      ];
      expect(most).toBe(largest(missing, points));
      for (const { missing: group, atMost } of short) {
        expect(atMost).toBeLessThan(group.length);
        expect(largest(group, points)).toBe(atMost);
      }
    }
  });

  test('is told in time where a year of it competes for a year that was erased', () => {
    const year = Array.from({ length: 30_000 }, (_, i) => i * 10);
    const refusals = year.filter((_, i) => i % 3 === 0);
    const missing = [...year, ...year].map((atMs, i) =>
      wants(atMs, atMs + (i % 7) * 3000, refused(atMs, 999_999)),
    );
    const { short } = erased(year, refusals).explain(missing);
    expect(short[0]?.missing.length).toBeGreaterThan(59_000);
  }, 20_000);
});

/** By trying every way. */
function largest(
  [one, ...others]: readonly Missing[],
  entries: readonly { readonly event: string; readonly atMs: number }[],
): number {
  if (!one) return 0;
  const ways = entries.flatMap(({ event, atMs }, i) =>
    one.places.some((place) => place.event === event && place.fromMs <= atMs && atMs <= place.toMs)
      ? [1 + largest(others, entries.toSpliced(i, 1))]
      : [],
  );
  return Math.max(largest(others, entries), ...ways);
}

function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}
