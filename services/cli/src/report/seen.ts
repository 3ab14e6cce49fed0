import { nationOf, type wire } from '@entente/contract';
import { headerIn, unlessUnreadable } from '../history/header-in.js';
import type { LoggedEntry } from '../history/read-log.js';

/** A logged message as the counters of a report see it: header and verdict, never a content. */
export interface Seen {
  /** Whose log it stands in. */
  readonly nation: string;
  readonly atMs: number;
  readonly index: number;
  readonly record: wire.RecordFrame;
  readonly header: wire.HeaderFrame;
  /** `DE → FR`, from the sender's nation to the recipient's. */
  readonly way: string;
  /**
   * Each message counts once: where its own nation's gate let it on, and where that nation's log is not read, where it entered. What a
   * foreign recipient says stands in its sender's log only there.
   */
  readonly countsHere: boolean;
  /** It came after the time that is counted: it tells what became of what was in that time, and is not counted itself. */
  readonly isLater: boolean;
}

/** Counts what it is shown, in the order of time. */
export interface Counter {
  readonly see: (seen: Seen) => void;
  /** Whatever is still waited for from before then will not come any more. Called with each entry: the oldest stand first. */
  readonly forget: (beforeMs: number) => void;
}

/**
 * @param isRead whether the log of a nation is read as well
 * @param toMs the end of the time that is counted
 * @returns null: an adoption or an erasure, or a record that is gone or cannot be read
 */
export function seenIn(
  nation: string,
  { index, leaf, record }: LoggedEntry,
  isRead: (nation: string) => boolean,
  toMs = Number.POSITIVE_INFINITY,
): Seen | null {
  const header = record && headerIn(record);
  if (!header) return null;
  const home = nationIn(header.from);
  const countsHere = record.stage !== 'enter' || !isRead(home);
  const way = `${home} → ${nationIn(header.to)}`;
  const isLater = leaf.timeMs >= toMs;
  return { nation, atMs: leaf.timeMs, index, record, header, way, countsHere, isLater };
}

/** A message may be refused because its recipient is no member's id at all. */
function nationIn(id: string): string {
  return unlessUnreadable(() => nationOf(id)) ?? '?';
}

/** Where a message that was let on counts, and not again where it enters. */
export function isPassedHere({ countsHere, record: { event, verdict } }: Seen): boolean {
  return countsHere && event === 'crossing' && verdict?.decision === 'permit';
}
