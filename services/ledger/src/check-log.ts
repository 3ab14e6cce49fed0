import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, openCheckpoint, treeRoot } from '@entente/audit';
import type { Log } from './append-batch.js';

/** A database that does not hold what others have seen of its log: it was restored from a backup. */
export class NotAsSeen extends Error {
  /** The largest checkpoint that speaks against it, signed. */
  readonly note: string;

  constructor(message: string, note: string) {
    super(message);
    this.note = note;
  }
}

type Owner = Pick<Log, 'signer' | 'origin'>;
interface Shown {
  readonly checkpoint: Checkpoint;
  readonly note: string;
}

/**
 * Whether this log may be written on. Its image is never ahead of the store, nor is anything that others have seen, which under load is a
 * tenth of a second more than the image: where it shows more, or they do, the store was restored to less, and going on would sign a size
 * twice. A copy that holds all that was seen goes on.
 *
 * @param seen signed checkpoints that others show
 * @throws NotAsSeen; Error if the store holds another log
 */
export function checkLog(log: Log, tilesDir: string, seen: readonly string[] = []): void {
  const { store, origin } = log;
  const { size, note } = store.head();
  if (size > 0) checkOwn(note, log);
  const shown = [readPublished(tilesDir, log), ...seen.map((one) => open(one, log))].filter(
    (one) => one !== undefined,
  );
  const largest = shown.sort((a, b) => b.checkpoint.size - a.checkpoint.size)[0];
  if (largest && largest.checkpoint.size > size) {
    throw new NotAsSeen(
      `the database of ${origin} has ${size} entries, but ${largest.checkpoint.size} were published. Restore the newer database; if there is none, go on under another origin: entente ledger succeed --restored`,
      largest.note,
    );
  }
  const other = shown.find(({ checkpoint }) => !isPrefix(checkpoint, store.readNode));
  if (other)
    throw new NotAsSeen(
      `the database holds another history of ${origin} than was published with ${other.checkpoint.size} entries. Go on under another origin: entente ledger succeed --restored`,
      other.note,
    );
}

/** What others show of a log, from the folder `seen` beside its database: signed checkpoints, one in each file. */
export function readSeen(dir: string): string[] {
  const folder = join(dir, 'seen');
  return existsSync(folder)
    ? readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    : [];
}

/** Whether any of these notes is a checkpoint of this log. */
export function isAnySeen(owner: Owner, notes: readonly string[]): boolean {
  return notes.some((note) => open(note, owner) !== undefined);
}

function isPrefix({ size, root }: Checkpoint, readNode: Log['store']['readNode']): boolean {
  return treeRoot(size, readNode).equals(root);
}

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
function readPublished(tilesDir: string, owner: Owner): Shown | undefined {
  const path = join(tilesDir, 'checkpoint');
  return existsSync(path) ? open(readFileSync(path, 'utf8'), owner) : undefined;
}

function open(note: string, { signer, origin }: Owner): Shown | undefined {
  try {
    return { checkpoint: openCheckpoint(note, signer.key, origin), note };
  } catch {
    return undefined;
  }
}
