import { LIMITS } from '@entente/contract';
import { DECIDED_WITHIN_MS, KINDS } from './check-record.js';
import { CLOCKS_DIFFER_MS } from './clocks-differ.js';
import { createErasedEntries, type Place } from './erased-entries.js';

/** A message that the log of one nation says has left or arrived, and whose other half is not in the other's. */
export interface Half {
  readonly side: 'left' | 'came';
  /** Of the entry that there is. */
  readonly timeMs: number;
  readonly kind: number;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

export interface Judged<T> {
  /** Each can have been another erased entry. */
  readonly unknown: readonly T[];
  /** The oldest first. */
  readonly lost: readonly Lost<T>[];
}

export interface Lost<T> {
  readonly half: T;
  /** So many are missing that can only have been the same erased entries, this one among them: 1 or more. */
  readonly missing: number;
  /** Of these at most so many were erased: less than are missing. */
  readonly atMost: number;
}

/**
 * Which halves that are missing in a nation's logs can have been erased there. Each can have been an erased entry of its kind and of a
 * time at which it can have been logged, and no two the same one.
 * @param erasedMs the times of the erased entries of that nation's logs, by event
 * @param due would be there by now
 * @param underWay may still come; they are asked about with what `due` leaves
 */
export function judgeMissing<T extends Half>(
  erasedMs: ReadonlyMap<string, readonly number[]>,
  due: readonly T[],
  underWay: readonly T[],
): Judged<T> {
  const entries = createErasedEntries<{ readonly half: T; readonly places: Place[] }>(erasedMs);
  const placed = (halves: readonly T[]) => halves.map((half) => ({ half, places: placesOf(half) }));
  const { explained, short } = entries.explain(placed(due));
  const open = entries.alsoErased(placed(underWay));
  return {
    unknown: [...explained, ...open].map(({ half }) => half),
    lost: short
      .flatMap(({ missing, atMost }) =>
        missing.map(({ half }) => ({ half, missing: missing.length, atMost })),
      )
      .sort((a, b) => a.half.timeMs - b.half.timeMs),
  };
}

/**
 * Where the other half would stand. A message leaves when it was made, and nobody lets in one that has expired: what comes later is
 * refused, and on record as that.
 */
function placesOf({ side, timeMs, kind, issuedAtMs, expiresAtMs }: Half): Place[] {
  const events = Object.keys(KINDS).filter((event) => KINDS[event]?.includes(kind));
  const untilMs = expiresAtMs + DECIDED_WITHIN_MS;
  if (side === 'left') {
    const fromMs = timeMs - CLOCKS_DIFFER_MS;
    const refused = { event: 'rejection', fromMs, toMs: Number.MAX_SAFE_INTEGER };
    return [...events.map((event) => ({ event, fromMs, toMs: untilMs })), refused];
  }
  const madeMs = Math.max(issuedAtMs, expiresAtMs - LIMITS.lifetimeMs);
  const fromMs = madeMs - LIMITS.skewMs - DECIDED_WITHIN_MS;
  const toMs = Math.min(timeMs + CLOCKS_DIFFER_MS, untilMs);
  return events.map((event) => ({ event, fromMs, toMs }));
}
