import { faultsOfLogs, type NationFault } from '../history/faults-of-logs.js';
import type { LogSource } from '../history/log-source.js';
import { mergeLogs } from '../history/merge-logs.js';
import type { LoggedEntry, OnProgress } from '../history/read-log.js';
import { createDecisionCounter, type Decisions } from './count-decisions.js';
import { createGapCounter, type Gaps } from './count-gaps.js';
import { createLegCounter, type Leg } from './count-legs.js';
import { createOutcomeCounter, type Outcomes } from './count-outcomes.js';
import { type Counter, seenIn } from './seen.js';

/** What the logs of some nations say of a time, in counts. */
export interface Statistics extends Decisions {
  readonly nations: readonly string[];
  /** ISO times; null: not limited. */
  readonly from: string | null;
  readonly to: string | null;
  /** ISO time of the last entry that was looked at for what became of it; null: there is none. */
  readonly until: string | null;
  readonly legs: readonly Leg[];
  readonly outcomes: Outcomes;
  readonly gaps: Gaps;
}

export interface Period {
  readonly fromMs?: number;
  readonly toMs?: number;
}

/**
 * Counts from the logs alone. What was said, and who a person is, stands in none of them.
 * @returns with it what is wrong with the logs, so that a count may be too low
 */
export async function collectStatistics(
  sources: readonly LogSource[],
  period: Period = {},
  onProgress?: OnProgress,
): Promise<{ readonly statistics: Statistics; readonly faults: readonly NationFault[] }> {
  const collector = createCollector([...new Set(sources.map(({ nation }) => nation))], period);
  const visit = (source: LogSource, entry: LoggedEntry) => collector.see(source.nation, entry);
  const read = await mergeLogs(sources, visit, onProgress);
  return { statistics: collector.statistics(), faults: faultsOfLogs(sources, read) };
}

/** A message that nothing more is heard of is forgotten then: longer than that no message lives. */
export const FORGET_AFTER_MS = 60 * 86_400_000;

/**
 * Takes the entries of all logs in the order of time; memory grows with what is under way, not with the logs. What was handed over in the
 * time counts, and what became of it later, as long as anything can.
 */
export function createCollector(
  nations: readonly string[],
  { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY }: Period = {},
) {
  const [decisions, legs] = [createDecisionCounter(), createLegCounter()];
  const [outcomes, gaps] = [createOutcomeCounter(), createGapCounter()];
  const counters: readonly Counter[] = [decisions, legs, outcomes, gaps];
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    see: (nation: string, entry: LoggedEntry): void => {
      const { timeMs } = entry.leaf;
      if (timeMs < fromMs || timeMs >= toMs + FORGET_AFTER_MS) return;
      lastMs = Math.max(lastMs, timeMs);
      const seen = seenIn(nation, entry, (one) => nations.includes(one), toMs);
      for (const counter of counters) counter.forget(timeMs - FORGET_AFTER_MS);
      if (seen) for (const counter of counters) counter.see(seen);
    },
    /** To be asked once, at the end. */
    statistics: (): Statistics => ({
      nations,
      from: isoOf(fromMs),
      to: isoOf(toMs),
      until: isoOf(lastMs),
      ...decisions.decisions(),
      legs: legs.legs(),
      outcomes: outcomes.outcomes(lastMs),
      gaps: gaps.gaps(),
    }),
  };
}

function isoOf(ms: number): string | null {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : null;
}
