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
  const { decisions, refusals, transfers, holds, legs, outcomes, gaps } = statistics;
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
  const waited = { leg: 'waiting for a release', way: 'all', to: 'all', ...holds.waited };
  const times = [...legs, ...(holds.held > 0 ? [waited] : [])].map((leg) => ({
    ...leg,
    ...inWords(leg, isPublic),
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
      answersOf(outcomes, isPublic),
    ),
    section(
      'Items to be removed, and how many were seen gone within days, at the least',
      GONE,
      goneOf(outcomes, isPublic),
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

function answersOf({ answers }: Statistics['outcomes'], isPublic: boolean) {
  return answers.map(({ delivered, answered, acted, actedIn1, actedIn7, ...recipient }) => ({
    ...recipient,
    answered: `${toldPart(answered.count, isPublic)} answered`,
    firstWord: inWords(answered, isPublic).median,
    acted: `${toldPart(acted.count, isPublic)} acted`,
    ...inWords(acted, isPublic),
    in1Day: `1 d: ${toldPart(actedIn1, isPublic)}`,
    in7Days: `7 d: ${toldPart(actedIn7, isPublic)}`,
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
  return isPublic && count > 0 ? `${roundedDown(count)}+` : String(count);
}

/** To the next smaller number that tells nothing of a few. */
export function roundedDown(count: number): number {
  return Math.floor(count / SMALLEST_TOLD) * SMALLEST_TOLD;
}

/** How long something took says something of a few as well; the longest time is that of one. */
function inWords({ count, median, p95, longest }: Durations, isPublic: boolean) {
  const isTold = !isPublic || count >= SMALLEST_TOLD;
  return {
    median: isTold ? duration(median) : '-',
    p95: isTold ? duration(p95) : '-',
    longest: isPublic ? '-' : duration(longest),
  };
}

/** A time as people say it. */
export function duration(ms: number | null): string {
  if (ms === null) return '-';
  if (ms < 10_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`;
}
