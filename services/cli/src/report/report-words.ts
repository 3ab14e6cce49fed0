import { table } from '../print.js';
import type { Statistics } from './collect.js';
import type { Durations } from './histogram.js';
import { SMALLEST_TOLD, suppressSmall, suppressSum, type Told } from './suppress.js';

/** One table of a report. Each row ends with its count; null: too small to be told. */
export interface Section {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly cells: readonly string[]; readonly count: Told }[];
  readonly sum: Told;
}

/** The counts as tables; for the public with the small ones left out. */
export function sectionsOf(statistics: Statistics, isPublic: boolean): Section[] {
  const { decisions, refusals, transfers, holds, legs } = statistics;
  const section = <T extends { readonly count: number }>(
    title: string,
    columns: readonly (keyof T & string)[],
    rows: readonly T[],
  ): Section => {
    const counts = rows.map(({ count }) => count);
    const told = isPublic ? suppressSmall(counts) : counts;
    const sum = isPublic ? suppressSum(counts) : counts.reduce((all, count) => all + count, 0);
    const cellsOf = (row: T) => columns.map((column) => String(row[column]));
    return {
      title,
      columns,
      rows: rows.map((row, i) => ({ cells: cellsOf(row), count: told[i] ?? null })),
      sum,
    };
  };
  const ended = Object.entries(holds.ended).map(([how, count]) => ({ how, count }));
  // How long something took says something of a few as well.
  const waited = { leg: 'waiting for a release', way: 'all', ...holds.waited };
  const times = [...legs, ...(holds.held > 0 ? [waited] : [])].map((leg) => ({
    ...leg,
    ...inWords(leg, isPublic),
  }));
  return [
    section('Decided at each border', ['nation', 'way', 'category', 'action', 'decision'], decisions),
    section('Refused, by rule', ['nation', 'rule', 'basis'], refusals),
    section('Holds that ended', ['how'], ended),
    section('Time of each leg', ['leg', 'way', 'median', 'p95'], times),
    section('Left for another nation, by ground', ['way', 'category', 'basis', 'classes'], transfers),
  ];
}

function inWords({ count, median, p95 }: Durations, isPublic: boolean) {
  const isTold = !isPublic || count >= SMALLEST_TOLD;
  return { median: isTold ? duration(median) : '-', p95: isTold ? duration(p95) : '-' };
}

function duration(ms: number | null): string {
  if (ms === null) return '-';
  if (ms < 10_000) return `${ms} ms`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

export const NOT_SHOWN = [
  'What was said, and about whom: no log holds it.',
  'What became of an item after delivery: outcomes are not in the log yet.',
  'Messages of nations whose log was not given, and records that were erased.',
  'Whether the logs are true: that says "entente audit replay" and "entente audit reconcile".',
] as const;

export function reportLines(sections: readonly Section[], { nations, from, to }: Statistics): string[] {
  return [
    `Nations: ${nations.join(', ')}; from ${from ?? 'the beginning'} to ${to ?? 'the end'}`,
    ...sections.flatMap(({ title, rows, sum }) => [
      '',
      `${title}: ${told(sum)}`,
      ...table(rows.map(({ cells, count }) => [`  ${told(count).padStart(8)}`, ...cells])),
    ]),
    '',
    'Not shown:',
    ...NOT_SHOWN.map((words) => `  ${words}`),
  ];
}

export function reportCsv(sections: readonly Section[]): string[] {
  return [
    'section,count,cells',
    ...sections.flatMap(({ title, rows }) =>
      rows.map(({ cells, count }) =>
        [title, count === null ? '' : String(count), ...cells].map(quoted).join(','),
      ),
    ),
  ];
}

function told(count: Told): string {
  return count === null ? `below ${SMALLEST_TOLD}*` : String(count);
}

/** A cell that begins like a formula is one to a spreadsheet. */
function quoted(cell: string): string {
  const plain = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return `"${plain.replaceAll('"', '""')}"`;
}
