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
  const { decisions, refusals, transfers, holds, legs, outcomes } = statistics;
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
    section('What recipients say became of items', [...RECIPIENT, 'result'], outcomes.results),
    section('What others saw by looking again', [...RECIPIENT, 'seen'], outcomes.checks),
    section(
      'Referrals delivered, and how soon the recipient answered and acted',
      ANSWERED,
      answersOf(outcomes, isPublic),
    ),
    section(
      'Items to be removed, and how many were seen gone within days, at the least',
      GONE,
      goneOf(outcomes, isPublic),
    ),
    section('Left for another nation, by ground', ['way', 'category', 'basis', 'classes'], transfers),
  ];
}

const RECIPIENT = ['recipient', 'category', 'action'] as const;
const ANSWERED = [...RECIPIENT, 'answered', 'firstWord', 'acted', 'firstOutcome'] as const;
const GONE = ['category', 'after1', 'after2', 'after7', 'after28'] as const;

function answersOf({ answers }: Statistics['outcomes'], isPublic: boolean) {
  return answers.map(({ delivered, answered, acted, ...recipient }) => ({
    ...recipient,
    answered: `${toldPart(answered.count, isPublic)} answered`,
    firstWord: inWords(answered, isPublic).median,
    acted: `${toldPart(acted.count, isPublic)} acted`,
    firstOutcome: inWords(acted, isPublic).median,
    count: delivered,
  }));
}

function goneOf({ gone }: Statistics['outcomes'], isPublic: boolean) {
  return gone.map(({ category, items, after1, after2, after7, after28 }) => {
    const share = (days: number, count: number) => `${days} d: ${toldPart(count, isPublic)}`;
    return {
      category,
      after1: share(1, after1),
      after2: share(2, after2),
      after7: share(7, after7),
      after28: share(28, after28),
      count: items,
    };
  });
}

/** A part of a count beside it: what is small, or what it leaves is. */
function toldPart(count: number, isPublic: boolean): string {
  return isPublic && count > 0 ? `${Math.floor(count / SMALLEST_TOLD) * SMALLEST_TOLD}+` : String(count);
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
  'Which item an outcome is about, and what was said with it: the log has the counts, the two ends have the rest.',
  'Whether an outcome is true: that a provider removed something is its word; what was seen by looking again stands beside it.',
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
