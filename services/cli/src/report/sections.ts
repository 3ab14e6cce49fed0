import { duration } from '../history/duration.js';
import type { Statistics } from './collect.js';
import type { Durations } from './histogram.js';

/** One table of a report. */
export interface Section {
  readonly title: string;
  /** Of the values of each row; what ends in `_ms` is in milliseconds, what ends in `_at` an ISO time. */
  readonly columns: readonly string[];
  readonly rows: readonly { readonly values: readonly Value[]; readonly count: number }[];
  /** Of what the rows show, each item once. */
  readonly sum: number;
}

/** Null where there is nothing to tell. */
export type Value = string | number | null;

/** The counts as tables. */
export function sectionsOf(statistics: Statistics): Section[] {
  const { decisions, refusals, transfers, legs, outcomes, gaps } = statistics;
  return [
    section('Decided at each border', ['nation', 'way', 'category', 'action', 'decision'], decisions),
    section('Refused, by rule', ['nation', 'rule', 'basis'], refusals),
    section(
      'Held until a person decides, and what became of it',
      ['became', 'waiting_since_at'],
      holdsOf(statistics),
    ),
    section(
      'Time of each leg',
      ['leg', 'way', 'to', ...TIMES],
      [...legs.map(withTimes), ...waitedOf(statistics)],
    ),
    section('What recipients say became of items', [...RECIPIENT, 'result'], outcomes.results),
    section('What others saw by looking again', [...RECIPIENT, 'seen'], outcomes.checks),
    section(
      'Referrals delivered, and how soon the recipient answered and acted',
      ANSWERED,
      answersOf(outcomes),
    ),
    {
      ...section(GONE, ['category', 'age', 'seen_gone'], goneOf(statistics)),
      sum: outcomes.gone.reduce((all, { items }) => all + items, 0),
    },
    section('Left for another nation, by ground', ['way', 'category', 'basis', 'classes'], transfers),
    section('Gap: no way to the recipient', ['way', 'code'], gaps.noRoute),
    section('Gap: left, and nobody says that it arrived', ['way', 'category'], gaps.undelivered),
    section('Gap: delivered, and no word since', ['recipient', 'category', 'since'], gaps.unanswered),
    section('Gap: up again afterwards', ['recipient', 'category', 'after'], gaps.cameBack),
    section('Cases in which content was removed, or only blocked', ['category', 'how'], gaps.removal),
  ];
}

/** The sum is of all items, however old they are. */
export const GONE =
  'Items to be removed, and of those so many days old how many were seen gone by then, at the least';
const RECIPIENT = ['recipient', 'category', 'action'] as const;
const TIMES = ['median_ms', 'p95_ms', 'longest_ms'] as const;
const ANSWERED = [
  ...RECIPIENT,
  ...(['answered', 'first_word_median_ms', 'acted', ...TIMES, 'acted_in_1_day', 'acted_in_7_days'] as const),
] as const;

function section<K extends string>(
  title: string,
  columns: readonly K[],
  rows: readonly (Readonly<Record<K, Value>> & { readonly count: number })[],
): Section {
  return {
    title,
    columns,
    rows: rows.map((row) => ({ values: columns.map((column) => row[column]), count: row.count })),
    sum: rows.reduce((all, { count }) => all + count, 0),
  };
}

function withTimes<T extends Durations>({ median, p95, longest, ...rest }: T) {
  return { ...rest, median_ms: median, p95_ms: p95, longest_ms: longest };
}

function holdsOf({ holds: { ended, waiting } }: Statistics) {
  const since = waiting.sinceMs === null ? null : new Date(waiting.sinceMs).toISOString();
  return [
    ...Object.entries(ended).map(([became, count]) => ({ became, waiting_since_at: null, count })),
    { became: 'still waiting', waiting_since_at: since, count: waiting.count },
  ].filter(({ count }) => count > 0);
}

function waitedOf({ holds: { waited } }: Statistics) {
  return waited.count === 0
    ? []
    : [withTimes({ leg: 'waiting for a release', way: 'all', to: 'all', ...waited })];
}

function goneOf({ outcomes }: Statistics) {
  return outcomes.gone.flatMap(({ category, items, within }) => [
    { category, age: 'any', seen_gone: null, count: items },
    ...within
      .map(({ days, items, gone }) => ({ category, age: `${days} d`, seen_gone: gone, count: items }))
      .filter(({ count }) => count > 0),
  ]);
}

function answersOf({ answers }: Statistics['outcomes']) {
  return answers.map(({ delivered, answered, acted, actedIn1, actedIn7, ...recipient }) => ({
    ...withTimes({ ...recipient, ...acted }),
    answered: answered.count,
    first_word_median_ms: answered.median,
    acted: acted.count,
    acted_in_1_day: actedIn1,
    acted_in_7_days: actedIn7,
    count: delivered,
  }));
}

/** A value as people say it. */
export function inWords(column: string, value: Value): string {
  if (value === null) return '-';
  return typeof value === 'number' && column.endsWith('_ms') ? duration(value) : String(value);
}

/** A column as people say it. */
export function heading(column: string): string {
  return column.replace(/_(ms|at)$/, '').replaceAll('_', ' ');
}
