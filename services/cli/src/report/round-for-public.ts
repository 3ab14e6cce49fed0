import { FORGET_AFTER_MS, type Period, type Statistics } from './collect.js';
import { LEGS } from './count-legs.js';
import type { GoneWithin } from './count-outcomes.js';
import { type Durations, roundDuration } from './histogram.js';

/** Below this a count may be about somebody who can be found out. */
const PUBLIC_STEP = 5;

/** What 95 % needed is what the slowest needed, unless as many as this were slower. */
const FEWEST_FOR_P95 = PUBLIC_STEP * 20;

/** The one rule of a public report, as each says it. */
export const PUBLIC_RULE = `Each number is rounded down to a multiple of ${PUBLIC_STEP}, a row that would have none, or counts items of fewer than ${PUBLIC_STEP} referrals, is left out, and totals add up what is shown.`;

/**
 * The statistics as they may be published: all that is shown of them, in tables and plots, is made from what this gives back.
 * INVARIANT: of each count it depends only on how often PUBLIC_STEP goes into it, and so does the order of rows: each by itself could as
 * well be four others.
 */
export function roundForPublic(statistics: Statistics): Statistics {
  const { decisions, refusals, transfers, holds, legs, outcomes, gaps } = statistics;
  const ended = Object.entries(holds.ended).map(([how, count]) => ({ how, count }));
  return {
    ...statistics,
    until: statistics.until?.slice(0, 'YYYY-MM-DD'.length) ?? null,
    decisions: publicRows('count', decisions),
    refusals: publicRows('count', refusals),
    transfers: publicRows('count', transfers),
    holds: {
      held: roundDown(holds.held),
      ended: Object.fromEntries(publicRows('count', ended).map(({ how, count }) => [how, count])),
      // Since when one waits says something of one.
      waiting: { count: roundDown(holds.waiting.count), sinceMs: null },
      waited: publicTimes(holds.waited),
    },
    legs: publicRows(
      'count',
      legs.map((leg) => ({ ...leg, ...publicTimes(leg) })),
    ).sort((a, b) => LEGS.indexOf(a.leg) - LEGS.indexOf(b.leg)),
    outcomes: {
      results: publicRows('count', ofMany(outcomes.results)),
      checks: publicRows('count', ofMany(outcomes.checks)),
      answers: publicRows(
        'delivered',
        outcomes.answers.map(({ answered, acted, actedIn1, actedIn7, ...row }) => ({
          ...row,
          ...{ answered: publicTimes(answered), acted: publicTimes(acted) },
          ...{ actedIn1: roundDown(actedIn1), actedIn7: roundDown(actedIn7) },
        })),
      ),
      gone: publicRows(
        'items',
        ofMany(outcomes.gone).map(({ within, ...row }) => ({ ...row, within: within.map(publicShare) })),
      ),
    },
    gaps: {
      noRoute: publicRows('count', gaps.noRoute),
      undelivered: publicRows('count', gaps.undelivered),
      unanswered: publicRows('count', gaps.unanswered),
      cameBack: publicRows('count', gaps.cameBack),
      removal: publicRows('count', gaps.removal),
    },
  };
}

/**
 * Two reports for the public whose times overlap, or of one time made on two days, can be subtracted, day by day: they are of whole months,
 * of which nothing is added any more.
 * @throws Error that says so
 */
export function checkPublicPeriod({ fromMs, toMs }: Period, nowMs: number): void {
  if (fromMs !== undefined && toMs !== undefined && fromMs < toMs && toMs + FORGET_AFTER_MS <= nowMs) {
    if (isFirstOfMonth(fromMs) && isFirstOfMonth(toMs)) return;
  }
  throw new Error(
    'a report for the public is of whole calendar months that ended 60 days ago or earlier, so that nothing is added to them any more: --from and --to are each the first day of one, like --from 2026-01-01 --to 2026-02-01',
  );
}

function isFirstOfMonth(ms: number): boolean {
  return new Date(ms).toISOString().endsWith('-01T00:00:00.000Z');
}

/** The largest first, as they are shown; then by name. */
function publicRows<K extends string, T extends Readonly<Record<K, number>>>(
  key: K,
  rows: readonly T[],
): T[] {
  return rows
    .map((row) => ({
      row: { ...row, [key]: roundDown(row[key]) },
      name: JSON.stringify({ ...row, [key]: 0 }),
    }))
    .filter(({ row }) => row[key] > 0)
    .sort((a, b) => b.row[key] - a.row[key] || (a.name < b.name ? -1 : 1))
    .map(({ row }) => row);
}

/** Many items may be those of one referral. */
function ofMany<T extends { readonly referrals: number }>(rows: readonly T[]): T[] {
  return rows
    .map((row) => ({ ...row, referrals: roundDown(row.referrals) }))
    .filter(({ referrals }) => referrals > 0);
}

/** Of the items of a few referrals there is no share to tell. */
function publicShare({ days, referrals, items, gone }: GoneWithin): GoneWithin {
  const many = roundDown(referrals);
  if (many === 0) return { days, referrals: 0, items: 0, gone: 0 };
  return { days, referrals: many, items: roundDown(items), gone: roundDown(gone) };
}

/** How long something took says something of a few as well; the longest time is that of one, to the millisecond. */
function publicTimes(times: Durations): Durations {
  const count = roundDown(times.count);
  // Where the middle of its bucket lies above all of them, a quantile is the longest time.
  const quantile = (ms: number | null) => (ms !== null && ms === times.longest ? roundDuration(ms) : ms);
  return {
    count,
    median: count > 0 ? quantile(times.median) : null,
    p95: count >= FEWEST_FOR_P95 ? quantile(times.p95) : null,
    longest: null,
  };
}

function roundDown(count: number): number {
  return Math.floor(count / PUBLIC_STEP) * PUBLIC_STEP;
}
