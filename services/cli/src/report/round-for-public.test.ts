import { describe, expect, test } from 'vitest';
import type { Statistics } from './collect.js';
import { createHistogram } from './histogram.js';
import { reportHtml } from './report-html.js';
import { reportCsv, reportLines } from './report-words.js';
import { checkPublicPeriod, roundForPublic } from './round-for-public.js';
import { sectionsOf } from './sections.js';

const times = (count: number) => ({ count, median: 60_000, p95: 3_600_000, longest: 7_200_000 });
const about = { recipient: 'isp.fr', category: 'csam', action: 'remove' };
const decided = (nation: string, action: string, count: number) => ({
  ...{ nation, way: 'DE → FR', category: 'csam', action, decision: 'permit', count },
});

/** Counts of every kind: none, few, as few as are told, and many. */
const STATISTICS: Statistics = {
  ...{ nations: ['DE', 'FR'], from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' },
  until: '2026-03-05T07:08:09.000Z',
  decisions: ['DE', 'FR'].flatMap((nation) => [
    ...[decided(nation, 'remove', 30), decided(nation, 'inform', 2), decided(nation, 'block', 9)],
  ]),
  refusals: [5, 4].map((count) => ({ nation: 'DE', rule: `rule ${count}`, basis: 'law', count })),
  holds: {
    ...{ held: 21, ended: { release: 8, refuse: 3 }, waited: times(11) },
    waiting: { count: 9, sinceMs: Date.parse('2026-01-05T00:00:00Z') },
  },
  transfers: [32, 1].map((count) => ({
    ...{ way: 'DE → FR', category: 'csam', basis: `basis ${count}`, classes: 'url', count },
  })),
  legs: [
    { leg: 'sender to first gate', way: 'DE → FR', to: 'hosting', ...times(120) },
    ...(['last gate to delivery', 'first gate to delivery'] as const).flatMap((leg) =>
      [30, 7, 3].map((count) => ({ leg, way: `DE → ${count}`, to: 'hosting', ...times(count) })),
    ),
  ],
  outcomes: {
    results: [
      ...[20, 4].map((count) => ({ ...about, result: `word ${count}`, referrals: 5, count })),
      { ...about, result: 'many of few', referrals: 4, count: 300 },
    ],
    checks: [6, 1].map((count) => ({ ...about, seen: `word ${count}`, referrals: 6, count })),
    answers: [23, 3].map((delivered) => ({
      ...{ ...about, recipient: `isp${delivered}.fr`, delivered, actedIn1: 2, actedIn7: delivered - 1 },
      ...{ answered: times(delivered), acted: times(delivered - 1) },
    })),
    gone: [7, 2].map((items) => ({
      ...{ category: `category ${items}`, referrals: items - 2, items },
      within: [1, 2, 7, 28].map((days, i) => ({ days, referrals: items - 2, items, gone: i })),
    })),
  },
  gaps: {
    noRoute: [9, 2].map((count) => ({ way: `DE → ${count}`, code: 'no-counterpart', count })),
    undelivered: [9, 2].map((count) => ({ way: `DE → ${count}`, category: 'csam', count })),
    unanswered: [9, 2].map((count) => ({ ...about, since: `${count}`, count })),
    cameBack: [9, 2].map((count) => ({ ...about, after: `${count}`, count })),
    removal: [9, 2].map((count) => ({ category: 'csam', how: `${count}`, count })),
  },
};

const NOT_COUNTS = ['median', 'p95', 'longest', 'days', 'sinceMs'];

/** Where a count stands: the keys that lead to it. */
function countsIn(value: unknown, keys: readonly string[] = []): (readonly string[])[] {
  if (typeof value === 'number') return NOT_COUNTS.includes(keys.at(-1) ?? '') ? [] : [keys];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => countsIn(inner, [...keys, key]));
}

function changed(
  value: unknown,
  [key = '', ...keys]: readonly string[],
  change: (count: number) => number,
): unknown {
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = keys.length === 0 ? change(copy[key] as number) : changed(copy[key], keys, change);
  return copy;
}

/** All that a reader gets, in every form. */
function published(statistics: Statistics): string[] {
  const rounded = roundForPublic(statistics);
  const sections = sectionsOf(rounded);
  const about = { statistics: rounded, isPublic: true, faults: [] };
  const lines = [...reportLines(sections, about), ...reportCsv(sections, about)];
  return [...lines, JSON.stringify(sections), reportHtml(sections, about)];
}

const STEP = 5;

describe('what is published', () => {
  const counts = countsIn(STATISTICS);
  const before = published(STATISTICS);

  test.each(counts.map((keys) => [keys.join('.'), keys] as const))(
    'is the same for five values of %s',
    (_, keys) => {
      for (let i = 0; i < STEP; i++) {
        const other = changed(STATISTICS, keys, (count) => Math.floor(count / STEP) * STEP + i);
        expect(published(other as Statistics)).toEqual(before);
      }
    },
  );

  test('is the same whatever all small counts are together, and however near the others are to the next step', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const other = counts.reduce<unknown>(
        (value, keys, i) =>
          changed(value, keys, (count) => count - (count % STEP) + ((seed * (i + 7)) % STEP)),
        STATISTICS,
      );
      expect(published(other as Statistics)).toEqual(before);
    }
  });

  test('has nothing of a row that is small, or of few referrals, and no time of one', () => {
    const rounded = roundForPublic(STATISTICS);
    expect(rounded.decisions.map(({ action, count }) => `${action} ${count}`)).toEqual([
      ...['remove 30', 'remove 30', 'block 5', 'block 5'],
    ]);
    expect(rounded.legs.map(({ count, median, p95, longest }) => [count, median, p95, longest])).toEqual([
      [120, 60_000, 3_600_000, null],
      [30, 60_000, null, null],
      [5, 60_000, null, null],
      [30, 60_000, null, null],
      [5, 60_000, null, null],
    ]);
    expect(rounded.outcomes.results.map(({ result, count }) => `${result}: ${count}`)).toEqual([
      'word 20: 20',
    ]);
    expect(rounded.outcomes.gone).toMatchObject([{ items: 5, within: Array(4).fill({ items: 5, gone: 0 }) }]);
    expect(rounded.holds).toMatchObject({
      ...{ held: 20, ended: { release: 5 }, waited: { count: 10 } },
      waiting: { count: 5, sinceMs: null },
    });
    expect(rounded.until).toBe('2026-03-05');
  });

  test('has no time of one either where all took nearly as long', () => {
    const [longest, histogram] = [1_030_000, createHistogram()];
    for (let i = 0; i < 100; i++) histogram.add(longest - i);
    const legs = [{ leg: 'gate to gate' as const, way: 'DE → FR', to: 'hosting', ...histogram.summary() }];
    expect(legs).toMatchObject([{ median: longest, p95: longest }]);
    expect(roundForPublic({ ...STATISTICS, legs }).legs).toMatchObject([{ median: 2 ** 20, p95: 2 ** 20 }]);
  });
});

describe('a report for the public', () => {
  const day = (text: string) => Date.parse(`${text}T00:00:00Z`);
  const NOW = day('2026-11-28');

  test.each([
    ['2026-08-01', '2026-09-01'],
    ['2025-01-01', '2026-01-01'],
  ])('may be of %s to %s', (from, to) => {
    expect(() => checkPublicPeriod({ fromMs: day(from), toMs: day(to) }, NOW)).not.toThrow();
  });

  test.each([
    ['2026-10-01', '2026-10-31'],
    ['2026-10-02', '2026-11-01'],
    ['2026-11-01', '2026-12-01'],
    ['2026-10-01', '2026-11-01'],
    ['2026-10-01', '2026-10-01'],
    ['2026-10-01', undefined],
    [undefined, '2026-10-01'],
  ])('is not of %s to %s', (from, to) => {
    const period = { ...(from && { fromMs: day(from) }), ...(to && { toMs: day(to) }) };
    expect(() => checkPublicPeriod(period, NOW)).toThrow('whole calendar months');
  });
});
