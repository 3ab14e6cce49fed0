import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, openCheckpoint } from '@entente/audit';
import type { Log } from './append-batch.js';

/**
 * Whether this log may be written on. Its image is never ahead of the store: where it is, the store was restored to less
 * than others have seen, and going on would sign a size twice.
 *
 * @throws Error if the store holds another log, or less than was published
 */
export function checkLog({ store, signer, origin }: Log, tilesDir: string): void {
  const { size, note } = store.head();
  if (size > 0) checkOwn(note, { signer, origin });
  const published = readPublished(tilesDir, { signer, origin })?.size ?? 0;
  if (published > size) {
    throw new Error(
      `the database has ${size} entries, but ${published} were published. Restore the newer database, or begin a new log under another ORIGIN in an empty DATA_DIR.`,
    );
  }
}

type Owner = Pick<Log, 'signer' | 'origin'>;

function checkOwn(note: string, { signer, origin }: Owner): void {
  try {
    openCheckpoint(note, signer.key, origin);
  } catch (cause) {
    throw new Error(`the database in DATA_DIR is not of the log ${origin} with the key of KEY_FILE`, {
      cause,
    });
  }
}

/** The image is not synced: what a power cut has left of it may be anything, and is written again. */
function readPublished(tilesDir: string, { signer, origin }: Owner): Checkpoint | undefined {
  try {
    return openCheckpoint(readFileSync(join(tilesDir, 'checkpoint')), signer.key, origin);
  } catch {
    return undefined;
  }
}
