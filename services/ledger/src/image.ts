import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointKeeper, parseCheckpoint, parseNote, publishCheckpoint, writeTiles } from '@entente/audit';
import type { LedgerStore } from './store.js';

export type Image = ReturnType<typeof createImage>;

/** The log as files that others read (C2SP tlog-tiles): what the store holds, and rewritten from it whenever in doubt. */
export function createImage(tilesDir: string, store: LedgerStore) {
  // What a crash or a full disk has left is not known: nothing counts as written but what this process wrote.
  let written = 0;
  const kept = checkpointKeeper(tilesDir);
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
    catchUp: (): void => {
      const { size, note, timeMs } = store.head();
      if (size === written) return;
      writeTiles(tilesDir, written, size, store.readNode, store.leafAt);
      publishCheckpoint(tilesDir, note);
      kept.keep(note, timeMs);
      written = size;
    },
  };
}
