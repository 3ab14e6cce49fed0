import { crossingSideOf } from '@entente/audit';
import { LIMITS, nationOf } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import { isAboutMessage } from './about-message.js';
import { hex } from './hex.js';
import type { LogSource } from './log-source.js';
import { CLOCKS_DIFFER_MS, mayBeErased } from './may-be-erased.js';
import { mergeLogs } from './merge-logs.js';
import type { LoggedEntry, ReadLog } from './read-log.js';

/** One direction between two nations, as both their logs tell it. */
export interface Direction {
  readonly from: string;
  readonly to: string;
  /** Logged there as having left, and here as having arrived. */
  readonly arrived: number;
  /** Left, not arrived, still within its clock, and nothing that was erased there can have been it. */
  readonly underWay: number;
  /** Has no other half, and may have had one: entries of that log are erased that could have been it. */
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
  { relayMs = RELAY_MS }: { readonly relayMs?: number } = {},
): Promise<Reconciliation> {
  const nations = new Set(sources.map(({ nation }) => nation));
  const ways = new Map<string, Way>();
  const ends: Ends = { lastMs: new Map(), erased: new Map() };
  const disagreements: Disagreement[] = [];
  const logs = await mergeLogs(sources, ({ nation }, entry) => {
    ends.lastMs.set(nation, entry.leaf.timeMs);
    // What else is gone was no message: its leaf says so.
    if (!entry.record && isAboutMessage(entry.leaf)) noteErased(ends, nation, entry.leaf.timeMs, relayMs);
    const crossed = crossedAt(entry);
    if (!crossed || !nations.has(crossed.from) || !nations.has(crossed.to)) return;
    const way = wayOf(ways, crossed);
    if (crossed.stage === 'leave') leave(way, crossed, disagreements, relayMs);
    else arrive(way, crossed, disagreements, relayMs);
  });
  for (const way of ways.values()) disagreements.push(...leftOver(way, ends, relayMs));
  return {
    logs: logs.map((log, i) => ({ ...log, nation: sources[i]?.nation ?? '' })),
    directions: [...ways.values()].map((way) => toDirection(way, ends, relayMs)),
    disagreements,
  };
}

const LISTED = 1000;

/** What limits what can be said of a nation's log. */
interface Ends {
  readonly lastMs: Map<string, number>;
  /** Nations whose log has entries about messages without a record. */
  readonly erased: Map<string, Erased>;
}

interface Erased {
  readonly firstMs: number;
  lastMs: number;
  /** The times of those that are as young as what may be under way. */
  readonly youngMs: number[];
}

function noteErased({ erased }: Ends, nation: string, timeMs: number, relayMs: number): void {
  const gone = erased.get(nation) ?? { firstMs: timeMs, lastMs: timeMs, youngMs: [] };
  erased.set(nation, gone);
  gone.lastMs = Math.max(gone.lastMs, timeMs);
  gone.youngMs.push(timeMs);
  while ((gone.youngMs[0] ?? timeMs) < timeMs - relayMs - CLOCKS_DIFFER_MS) gone.youngMs.shift();
}

interface Crossed {
  readonly from: string;
  readonly to: string;
  readonly stage: string;
  readonly hash: string;
  readonly index: number;
  readonly timeMs: number;
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
  lastLeft: number;
}

function crossedAt({ index, leaf, record }: LoggedEntry): Crossed | undefined {
  if (!record || record.adoption || !crossingSideOf(record)) return undefined;
  try {
    const { from, to } = readUnverifiedHeader(record.seal);
    const { stage, messageHash } = record;
    return {
      ...{ from: nationOf(from), to: nationOf(to), stage, index },
      ...{ hash: hex(messageHash), timeMs: leaf.timeMs },
    };
  } catch {
    // What cannot be read is a fault of that log, and `audit verify` names it.
    return undefined;
  }
}

function wayOf(ways: Map<string, Way>, { from, to }: Crossed): Way {
  const key = `${from} ${to}`;
  const state = { left: new Map(), came: new Map(), arrived: 0, overtook: 0, inOtherOrder: [], lastLeft: -1 };
  const way = ways.get(key) ?? { from, to, ...state };
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
  if (left.index < way.lastLeft) {
    way.overtook += 1;
    if (way.inOtherOrder.length < LISTED)
      way.inOtherOrder.push({ left: left.index, arrived: came.index, after: way.lastLeft });
  }
  way.lastLeft = Math.max(way.lastLeft, left.index);
  const tookMs = came.timeMs - left.timeMs;
  if (tookMs < -CLOCKS_DIFFER_MS)
    disagreements.push(
      said(way.to, came, 'arrived-without-leaving', `${minutes(-tookMs)} before it left ${way.from}`),
    );
  if (tookMs > relayMs)
    disagreements.push(said(way.to, came, 'late', `${minutes(tookMs)} after it left ${way.from}`));
}

function leftOver(way: Way, ends: Ends, relayMs: number): Disagreement[] {
  return [
    ...lostOn(way, ends, relayMs)
      .filter((left) => !hasArrivalGone(way, left, ends))
      .map((left) => said(way.from, left, 'never-arrived', `${way.to} has no entry of it`)),
    ...[...way.came.values()]
      .filter((came) => !hasDepartureGone(way, came, ends, relayMs))
      .map((came) => said(way.to, came, 'arrived-without-leaving', `${way.from} has no entry of it`)),
  ];
}

/** Whether its arrival may have been erased: an entry of then, or of whenever it came later, is gone. */
function hasArrivalGone({ to }: Way, { timeMs }: Crossed, { erased }: Ends): boolean {
  const gone = erased.get(to);
  return gone !== undefined && timeMs <= gone.lastMs + CLOCKS_DIFFER_MS;
}

/** Whether its leaving may have been erased: no message is on its way for longer than it lives and its relay may take. */
function hasDepartureGone({ from }: Way, { timeMs }: Crossed, { erased }: Ends, relayMs: number): boolean {
  const gone = erased.get(from);
  if (!gone) return false;
  const longestMs = LIMITS.lifetimeMs + relayMs;
  return gone.firstMs <= timeMs + CLOCKS_DIFFER_MS && timeMs <= gone.lastMs + longestMs + CLOCKS_DIFFER_MS;
}

function lostOn({ left, to }: Way, ends: Ends, relayMs: number): Crossed[] {
  return [...left.values()].filter((one) => isOver(one, to, ends, relayMs));
}

/** Whether the receiving log goes on for longer than the clock, and so would have it. */
function isOver(left: Crossed, to: string, ends: Ends, relayMs: number): boolean {
  return (ends.lastMs.get(to) ?? 0) >= left.timeMs + relayMs;
}

function toDirection(way: Way, ends: Ends, relayMs: number): Direction {
  const { from, to, arrived, overtook, inOtherOrder, left, came } = way;
  const lost = lostOn(way, ends, relayMs).filter((one) => hasArrivalGone(way, one, ends));
  const unsent = [...came.values()].filter((one) => hasDepartureGone(way, one, ends, relayMs));
  const open = [...left.values()].filter((one) => !isOver(one, to, ends, relayMs));
  const gone = mayBeErased(
    open.map(({ timeMs }) => timeMs),
    ends.erased.get(to)?.youngMs ?? [],
  );
  const unknown = gone + lost.length + unsent.length;
  return { from, to, arrived, underWay: open.length - gone, unknown, overtook, inOtherOrder };
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

function minutes(ms: number): string {
  return `${Math.round(ms / 60_000)} min`;
}
