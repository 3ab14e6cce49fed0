import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

export interface WriteOptions {
  /** Of the file, less the umask. */
  readonly mode?: number;
  /** Of its folder, which is made if there is none. */
  readonly folderMode?: number;
  /** Where it is written first, in the same file system; what a crash has left there gives way. Each of several writers needs one of its own. */
  readonly aside?: string;
  /** False for one of many files, which can be had again. */
  readonly isFlushed?: boolean;
}

/**
 * Readers see the old file or the whole new one, also after a power cut; it is on disk when this returns. Only its owner can read it,
 * if no other mode is named.
 * @throws what the file system throws: then the old file is as it was, and no part of the new one is left
 */
export function writeWhole(
  path: string,
  bytes: Uint8Array | string,
  { mode = 0o600, folderMode, aside = `${path}.new`, isFlushed = true }: WriteOptions = {},
): void {
  const folder = dirname(resolve(path));
  const made =
    folderMode === undefined ? undefined : mkdirSync(folder, { recursive: true, mode: folderMode });
  // Never into what somebody else has opened, or has laid a link to.
  rmSync(aside, { force: true });
  try {
    writePart(aside, bytes, { mode, isFlushed });
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  if (!isFlushed) return;
  syncPath(folder);
  // A folder that is new stands on disk only when the one that it lies in does.
  for (let at = folder; made !== undefined && at.length >= made.length; at = dirname(at))
    syncPath(dirname(at));
}

/** All of it or an error: a disk that fills up takes a part of one write, and says no more than how much. */
function writePart(
  path: string,
  bytes: Uint8Array | string,
  { mode, isFlushed }: { readonly mode: number; readonly isFlushed: boolean },
): void {
  const file = openSync(path, 'wx', mode);
  try {
    writeFileSync(file, bytes);
    if (isFlushed) fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** What was written into a file, or the names in a folder, are on disk when this returns. */
export function syncPath(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
