import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { checkpointKeeper, parseCheckpoint, parseNote, publishCheckpoint, writeTiles } from '@entente/audit';
import type { LedgerStore } from './store.js';

export type Image = ReturnType<typeof createImage>;

/** So many batches in a row have files of their own: what comes now and then stands in them before it is answered. */
export const IMAGES_AT_ONCE = 50;
/** Of more, no more often. What is answered is on disk in the store; others read it in the files so much later. */
const EVERY_MS = 100;
const AGAIN_MS = 5000;

export interface ImageOptions {
  readonly atOnce: number;
  /** Of what was to be written between two batches. */
  readonly onFault: (error: unknown) => void;
}

/**
 * The log as files that others read (C2SP tlog-tiles): what the store holds, and rewritten from it whenever in doubt. Each writing leaves
 * files of its own, of which a busy log would make hundreds a second if each batch were written apart.
 */
export function createImage(tilesDir: string, store: LedgerStore, { atOnce, onFault }: ImageOptions) {
  // What a crash or a full disk has left is not known: nothing counts as written but what this process wrote.
  let written = 0;
  let isDue = true;
  let room = atOnce;
  let roomAtMs = performance.now();
  let waiting: NodeJS.Timeout | undefined;
  const kept = checkpointKeeper(tilesDir);
  const catchUp = (): void => {
    clearTimeout(waiting);
    waiting = undefined;
    const { size, note, timeMs } = store.head();
    if (size === written) return;
    // INVARIANT: what fails here is due at once, so that the next batch is not answered before it stands.
    isDue = true;
    writeTiles(tilesDir, written, size, store.readNode, store.leafAt);
    publishCheckpoint(tilesDir, note);
    kept.keep(note, timeMs);
    written = size;
    isDue = false;
  };
  /** Nobody may append meanwhile, and bring it up with that. */
  const tryAgain = (): void => {
    waiting = setTimeout(catchUpLater, AGAIN_MS);
  };
  const catchUpLater = (): void => {
    try {
      catchUp();
    } catch (error) {
      onFault(error);
      tryAgain();
    }
  };
  return {
    /** What the files show now, unverified; 0 where they cannot be read. */
    publishedSize: (): number => {
      try {
        return parseCheckpoint(parseNote(readFileSync(join(tilesDir, 'checkpoint'), 'utf8')).text).size;
      } catch {
        return 0;
      }
    },
    /** Brings the files up to the store. What throws here is tried again from the same size, so that no gap is left. */
    catchUp,
    /** The same after a batch: at once, unless one has followed the other for a while; then soon. */
    follow: (): void => {
      const nowMs = performance.now();
      room = Math.min(atOnce, room + (nowMs - roomAtMs) / EVERY_MS);
      roomAtMs = nowMs;
      if (room < 1 && !isDue) {
        waiting ??= setTimeout(catchUpLater, EVERY_MS);
        return;
      }
      room = Math.max(0, room - 1);
      try {
        catchUp();
      } catch (error) {
        tryAgain();
        throw error;
      }
    },
  };
}
