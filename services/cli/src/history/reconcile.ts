import { crossingSideOf } from '@entente/audit';
import { nationOf } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import { isAboutMessage } from './about-message.js';
import { CLOCKS_DIFFER_MS } from './clocks-differ.js';
import { duration } from './duration.js';
import { unlessUnreadable } from './header-in.js';
import { hex } from './hex.js';
import type { LogSource } from './log-source.js';
import { mergeLogs } from './merge-logs.js';
import { type Half, type Judged, judgeMissing, type Lost } from './missing-halves.js';
import type { LoggedEntry, OnProgress, ReadLog } from './read-log.js';

/** One direction between two nations, as both their logs tell it. */
export interface Direction {
  readonly from: string;
  readonly to: string;
  /** Logged there as having left, and here as having arrived. */
  readonly arrived: number;
  /** Left, not arrived, still within its clock, and nothing that was erased there can have been it. */
  readonly underWay: number;
  /** Has no other half, and may have had one: there is an erased entry of that log for each that could have been it. */
  readonly unknown: number;
  /** Arrived after something that had left later: no fault, the way is not a queue. */
  readonly overtook: number;
  /** The first 1,000 of them, by their entries in the log that they left. */
  readonly inOtherOrder: readonly {
    readonly left: number;
    readonly arrived: number;
    readonly after: number;
  }[];
}

export interface Disagreement {
  /** Whose log has the entry. */
  readonly nation: string;
  readonly index: number;
  readonly code: 'never-arrived' | 'arrived-without-leaving' | 'late';
  readonly detail: string;
}

export interface Reconciliation {
  readonly logs: readonly (ReadLog & { readonly nation: string })[];
  readonly directions: readonly Direction[];
  readonly disagreements: readonly Disagreement[];
}

/** What a gate hands to another nation is to be in its log within this time (ETSI EN 319 522, the relay clock). */
export const RELAY_MS = 12 * 3_600_000;

/**
 * Compares what crossed here with what arrived there. Only what has not met its other half yet is kept in memory.
 * Messages to and from nations whose log is not given are left out.
 */
export async function reconcile(
  sources: readonly LogSource[],
  { relayMs = RELAY_MS, onProgress }: { readonly relayMs?: number; readonly onProgress?: OnProgress } = {},
): Promise<Reconciliation> {
  const nations = new Set(sources.map(({ nation }) => nation));
  const ways = new Map<string, Way>();
  const ends: Ends = { lastMs: new Map(), erased: new Map() };
  const disagreements: Disagreement[] = [];
  let order = 0;
  const visit = ({ nation }: LogSource, entry: LoggedEntry) => {
    ends.lastMs.set(nation, entry.leaf.timeMs);
    // What else is gone was no message: its leaf says so.
    if (!entry.record && isAboutMessage(entry.leaf)) noteErased(ends, nation, entry.leaf);
    const crossed = crossedAt(entry, order++);
    if (!crossed || !nations.has(crossed.from) || !nations.has(crossed.to)) return;
    const way = wayOf(ways, crossed);
    if (crossed.side === 'left') leave(way, crossed, disagreements, relayMs);
    else arrive(way, crossed, disagreements, relayMs);
  };
  const logs = await mergeLogs(sources, visit, onProgress);
  const judged = judgeAll(nations, [...ways.values()], ends, relayMs);
  for (const { lost } of judged) for (const one of lost) disagreements.push(tellLost(one));
  return {
    logs: logs.map((log, i) => ({ ...log, nation: sources[i]?.nation ?? '' })),
    directions: [...ways.values()].map((way) => toDirection(way, judged, ends, relayMs)),
    disagreements,
  };
}

const LISTED = 1000;

/** What limits what can be said of a nation's log. */
interface Ends {
  readonly lastMs: Map<string, number>;
  /** By nation and event: the times of entries about messages without a record. */
  readonly erased: Map<string, Map<string, number[]>>;
}

function noteErased({ erased }: Ends, nation: string, { event, timeMs }: LoggedEntry['leaf']): void {
  const own = erased.get(nation) ?? new Map<string, number[]>();
  erased.set(nation, own);
  const times = own.get(event);
  if (times) times.push(timeMs);
  else own.set(event, [timeMs]);
}

interface Crossed extends Half {
  readonly from: string;
  readonly to: string;
  readonly hash: string;
  readonly index: number;
  /** Among all entries that were read: indices begin anew where one log follows another. */
  readonly order: number;
}

interface Way {
  readonly from: string;
  readonly to: string;
  /** By message hash: what has left, and what has arrived, and has not met its other half. */
  readonly left: Map<string, Crossed>;
  readonly came: Map<string, Crossed>;
  arrived: number;
  overtook: number;
  readonly inOtherOrder: { readonly left: number; readonly arrived: number; readonly after: number }[];
  lastLeft: Crossed | undefined;
}

function crossedAt({ index, leaf, record }: LoggedEntry, order: number): Crossed | undefined {
  const side = record && isAboutMessage(record) ? crossingSideOf(record) : undefined;
  if (!record || !side) return undefined;
  // What cannot be read is a fault of that log, and `audit verify` names it.
  return unlessUnreadable(() => {
    const { from, to, kind, issuedAtMs, expiresAtMs } = readUnverifiedHeader(record.seal);
    return {
      ...{ from: nationOf(from), to: nationOf(to), side, index, order, timeMs: leaf.timeMs },
      ...{ hash: hex(record.messageHash), kind, issuedAtMs, expiresAtMs },
    };
  });
}

function wayOf(ways: Map<string, Way>, { from, to }: Crossed): Way {
  const key = `${from} ${to}`;
  const state = { left: new Map(), came: new Map(), arrived: 0, overtook: 0, inOtherOrder: [] };
  const way = ways.get(key) ?? { from, to, ...state, lastLeft: undefined };
  ways.set(key, way);
  return way;
}

/** The two ledgers' clocks may differ, so an arrival may seem to come first. */
function leave(way: Way, crossed: Crossed, disagreements: Disagreement[], relayMs: number): void {
  const came = way.came.get(crossed.hash);
  if (!came) return void way.left.set(crossed.hash, crossed);
  way.came.delete(crossed.hash);
  meet(way, crossed, came, disagreements, relayMs);
}

function arrive(way: Way, crossed: Crossed, disagreements: Disagreement[], relayMs: number): void {
  const left = way.left.get(crossed.hash);
  if (!left) return void way.came.set(crossed.hash, crossed);
  way.left.delete(crossed.hash);
  meet(way, left, crossed, disagreements, relayMs);
}

function meet(way: Way, left: Crossed, came: Crossed, disagreements: Disagreement[], relayMs: number): void {
  way.arrived += 1;
  const last = way.lastLeft;
  if (last && left.order < last.order) {
    way.overtook += 1;
    if (way.inOtherOrder.length < LISTED)
      way.inOtherOrder.push({ left: left.index, arrived: came.index, after: last.index });
  } else way.lastLeft = left;
  const tookMs = came.timeMs - left.timeMs;
  if (tookMs < -CLOCKS_DIFFER_MS)
    disagreements.push(
      said(way.to, came, 'arrived-without-leaving', `${duration(-tookMs)} before it left ${way.from}`),
    );
  if (tookMs > relayMs)
    disagreements.push(said(way.to, came, 'late', `${duration(tookMs)} after it left ${way.from}`));
}

/** By the logs that would have them: what is erased there may have been on any way, and each entry of it on one. */
function judgeAll(
  nations: ReadonlySet<string>,
  ways: readonly Way[],
  ends: Ends,
  relayMs: number,
): Judged<Crossed>[] {
  return [...nations].map((nation) => {
    const left = ways.filter(({ to }) => to === nation).flatMap((way) => [...way.left.values()]);
    const came = ways.filter(({ from }) => from === nation).flatMap((way) => [...way.came.values()]);
    const open = new Set(left.filter((one) => !isOver(one, ends, relayMs)));
    const due = [...left.filter((one) => !open.has(one)), ...came];
    return judgeMissing(ends.erased.get(nation) ?? new Map(), due, [...open]);
  });
}

/** Whether the receiving log goes on for longer than the clock, and so would have it. */
function isOver({ to, timeMs }: Crossed, ends: Ends, relayMs: number): boolean {
  return (ends.lastMs.get(to) ?? 0) >= timeMs + relayMs;
}

function toDirection(way: Way, judged: readonly Judged<Crossed>[], ends: Ends, relayMs: number): Direction {
  const { from, to, arrived, overtook, inOtherOrder } = way;
  const own = judged.flatMap(({ unknown }) => unknown).filter((one) => one.from === from && one.to === to);
  const open = [...way.left.values()].filter((one) => !isOver(one, ends, relayMs)).length;
  const gone = own.filter((one) => one.side === 'left' && !isOver(one, ends, relayMs)).length;
  return { from, to, arrived, underWay: open - gone, unknown: own.length, overtook, inOtherOrder };
}

function tellLost({ half, missing, atMost }: Lost<Crossed>): Disagreement {
  const { side, from, to } = half;
  const [has, lacks] = side === 'left' ? [from, to] : [to, from];
  const shared =
    atMost === 0
      ? ''
      : `; ${missing} are missing, at most ${atMost} of them can be explained by erased entries`;
  const code = side === 'left' ? 'never-arrived' : 'arrived-without-leaving';
  return said(has, half, code, `${lacks} has no entry of it${shared}`);
}

function said(
  nation: string,
  { index, hash, timeMs }: Crossed,
  code: Disagreement['code'],
  words: string,
): Disagreement {
  const at = new Date(timeMs).toISOString();
  return { nation, index, code, detail: `message ${hash.slice(0, 16)}… at ${at}: ${words}` };
}
