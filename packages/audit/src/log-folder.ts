import { closeSync, constants, type Dirent, fstatSync, opendirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PARTIAL, TILE_WIDTH } from './tile-path.js';

/**
 * Reads a file of a log's folder that somebody else may have filled: only regular files, only up to a size. A link
 * could lead out of the folder, a pipe would never end. On the calling thread: these are thousands of small files, and the
 * thread pool has signatures to check.
 *
 * @param path below `dir`, with `/`
 */
export async function readLogFile(
  dir: string,
  path: string,
  maxBytes: number,
): Promise<Buffer | 'missing' | 'malformed'> {
  const file = unlessAbsent(() => openSync(join(dir, path), FLAGS));
  if (typeof file === 'string') {
    return file;
  }
  try {
    const stat = fstatSync(file);
    return stat.isFile() && stat.size <= maxBytes ? readFileSync(file) : 'malformed';
  } finally {
    closeSync(file);
  }
}

/** The widths, 1 to 255, for which a folder has partial files of the full tile or bundle at `fullPath`. */
export async function partialWidths(dir: string, fullPath: string): Promise<number[]> {
  const widths: number[] = [];
  for (const entry of entriesOf(join(dir, fullPath + PARTIAL))) {
    if (/^[1-9][0-9]{0,2}$/.test(entry.name) && Number(entry.name) < TILE_WIDTH) {
      widths.push(Number(entry.name));
    }
  }
  return widths;
}

/** All files below `dir`/`path`, as paths below `dir` with `/`. A folder too deep to be a log's is named, not entered. */
export function* filesBelow(dir: string, path: string): Generator<string> {
  for (const entry of entriesOf(join(dir, path))) {
    const child = `${path}/${entry.name}`;
    if (entry.isDirectory() && child.split('/').length < MAX_DEPTH) {
      yield* filesBelow(dir, child);
    } else {
      yield child;
    }
  }
}

const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
// tile, level, six groups of digits and a width.
const MAX_DEPTH = 9;

/** One at a time: a folder of millions must not fill the memory. */
function* entriesOf(folder: string): Generator<Dirent> {
  const opened = unlessAbsent(() => opendirSync(folder));
  if (typeof opened === 'string') {
    return;
  }
  try {
    for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) {
      yield entry;
    }
  } finally {
    opened.closeSync();
  }
}

/** What is not there, or is something else in its place, is the folder's fault; any other error is ours. */
function unlessAbsent<T>(open: () => T): T | 'missing' | 'malformed' {
  try {
    return open();
  } catch (error) {
    return absence(error);
  }
}

function absence(error: unknown): 'missing' | 'malformed' {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return 'missing';
  }
  if (code === 'ELOOP' || code === 'ENXIO') {
    return 'malformed';
  }
  throw error;
}
