// Which figures stay within 15 % of those of the smallest size, by what a machine that does other things as well can tell.

import { round } from './load.mjs';

const WITHIN = 1.15;

/** What each figure is called, and which way it is worse. */
const FIGURES = [
  { name: 'perSecond', label: 'referrals a second', isWorse: 'less' },
  { name: 'cpu all', label: 'processor time', isWorse: 'more' },
  { name: 'calm p50', label: 'p50, calmly', isWorse: 'more' },
  { name: 'calm p99', label: 'p99, calmly', isWorse: 'more' },
  { name: 'mb all', label: 'memory', isWorse: 'more' },
];

/**
 * The smallest size is measured first and again last. A figure holds if it is within 15 % even of the better of the two, and does not if
 * it is beyond 15 % even of the worse; between them the machine itself differed by as much, and nothing can be said of it.
 *
 * @param sizes of which each row is
 * @returns a row for each larger size and figure: how many times as much it is, at the least and at the most, and the verdict
 */
export function judgeGrowth(axis, rows, sizes) {
  const smallest = Math.min(...sizes);
  const atSmallest = rows.filter((_, i) => sizes[i] === smallest);
  const larger = sizes.flatMap((size, i) => (size === smallest ? [] : [{ size, row: rows[i] }]));
  return larger.flatMap(({ size, row }) =>
    FIGURES.flatMap(({ name, label, isWorse }) => {
      const values = atSmallest.map((one) => one[name]).filter((value) => value > 0);
      if (values.length === 0 || !(row[name] > 0)) return [];
      const times = values.map((value) => (isWorse === 'more' ? row[name] / value : value / row[name]));
      const [least, most] = [Math.min(...times), Math.max(...times)];
      return [
        {
          what: `${size.toLocaleString('en')} ${axis}: ${label}`,
          'times as bad, least': round(least),
          'times as bad, most': round(most),
          'within 15 %': verdictOf(least, most, values.length),
        },
      ];
    }),
  );
}

function verdictOf(least, most, count) {
  if (most <= WITHIN) return count > 1 ? 'holds' : 'holds, by one measurement of the smallest';
  if (least > WITHIN) return 'does not hold';
  return 'cannot be told: the smallest differs as much from itself';
}
