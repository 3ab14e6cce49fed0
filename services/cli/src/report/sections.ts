import type { Statistics } from './collect.js';
import type { Durations } from './histogram.js';

/** One table of a report. Each row ends with its count. */
export interface Section {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly cells: readonly string[]; readonly count: number }[];
  /** Of what the rows show. */
  readonly sum: number;
}

/** The counts as tables. */
export function sectionsOf(statistics: Statistics): Section[] {
  const { decisions, refusals, transfers, holds, legs, outcomes, gaps } = statistics;
  const section = <T extends { readonly count: number }>(
    title: string,
    columns: readonly (keyof T & string)[],
    rows: readonly T[],
  ): Section => {
    const cellsOf = (row: T) => columns.map((column) => String(row[column]));
    return {
      title,
      columns,
      rows: rows.map((row) => ({ cells: cellsOf(row), count: row.count })),
      sum: rows.reduce((all, { count }) => all + count, 0),
    };
  };
  const ended = Object.entries(holds.ended).map(([how, count]) => ({ how, count }));
  const waited = { leg: 'waiting for a release', way: 'all', to: 'all', ...holds.waited };
  const times = [...legs, ...(holds.waited.count > 0 ? [waited] : [])].map((leg) => ({
    ...leg,
    ...inWords(leg),
  }));
  return [
    section('Decided at each border', ['nation', 'way', 'category', 'action', 'decision'], decisions),
    section('Refused, by rule', ['nation', 'rule', 'basis'], refusals),
    section('Holds that ended', ['how'], ended),
    section('Time of each leg', ['leg', 'way', 'to', 'median', 'p95', 'longest'], times),
    section('What recipients say became of items', [...RECIPIENT, 'result'], outcomes.results),
    section('What others saw by looking again', [...RECIPIENT, 'seen'], outcomes.checks),
    section(
      'Referrals delivered, and how soon the recipient answered and acted',
      ANSWERED,
      answersOf(outcomes),
    ),
    section(
      'Items to be removed, and how many were seen gone within days, at the least',
      GONE,
      goneOf(outcomes),
    ),
    section('Left for another nation, by ground', ['way', 'category', 'basis', 'classes'], transfers),
    section('Gap: no way to the recipient', ['way', 'code'], gaps.noRoute),
    section('Gap: left, and nobody says that it arrived', ['way', 'category'], gaps.undelivered),
    section('Gap: delivered, and no word since', ['recipient', 'category', 'since'], gaps.unanswered),
    section('Gap: up again afterwards', ['recipient', 'category', 'after'], gaps.cameBack),
    section('Cases in which content was removed, or only blocked', ['category', 'how'], gaps.removal),
  ];
}

const RECIPIENT = ['recipient', 'category', 'action'] as const;
const ANSWERED = [
  ...RECIPIENT,
  'answered',
  'firstWord',
  'acted',
  'median',
  'p95',
  'longest',
  'in1Day',
  'in7Days',
] as const;
const GONE = ['category', 'after1', 'after2', 'after7', 'after28'] as const;

function answersOf({ answers }: Statistics['outcomes']) {
  return answers.map(({ delivered, answered, acted, actedIn1, actedIn7, ...recipient }) => ({
    ...recipient,
    answered: `${answered.count} answered`,
    firstWord: inWords(answered).median,
    acted: `${acted.count} acted`,
    ...inWords(acted),
    in1Day: `1 d: ${actedIn1}`,
    in7Days: `7 d: ${actedIn7}`,
    count: delivered,
  }));
}

function goneOf({ gone }: Statistics['outcomes']) {
  return gone.map(({ category, items, after1, after2, after7, after28 }) => ({
    category,
    after1: `1 d: ${after1}`,
    after2: `2 d: ${after2}`,
    after7: `7 d: ${after7}`,
    after28: `28 d: ${after28}`,
    count: items,
  }));
}

function inWords({ median, p95, longest }: Durations) {
  return { median: duration(median), p95: duration(p95), longest: duration(longest) };
}

/** A time as people say it. */
export function duration(ms: number | null): string {
  if (ms === null) return '-';
  if (ms < 10_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`;
}
