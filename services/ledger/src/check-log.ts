import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint } from '@entente/audit';
import type { Log } from './append-batch.js';

/**
 * Whether this log may be written on. The image is never ahead of the store: where it is, the store was restored to less
 * than others have seen, and going on would sign a size twice.
 *
 * @throws Error if the folder holds another log, or the store an older one than its own image
 */
export function checkLog({ store, signer, origin }: Log, tilesDir: string): void {
  const head = store.head();
  if (head.size > 0) openAs('database', head.note);
  const seen = readImage(tilesDir);
  if (seen === undefined) return;
  const { size } = openAs('image', seen);
  if (size > head.size) {
    throw new Error(
      `the database has ${head.size} entries, but ${size} were published. Restore the newer database, or begin a new log under another ORIGIN in an empty DATA_DIR.`,
    );
  }

  function openAs(what: string, note: string) {
    try {
      return openCheckpoint(note, signer.key, origin);
    } catch (cause) {
      throw new Error(`the ${what} in DATA_DIR is not of the log ${origin} with this key.`, { cause });
    }
  }
}

function readImage(tilesDir: string): string | undefined {
  try {
    return readFileSync(join(tilesDir, 'checkpoint'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
