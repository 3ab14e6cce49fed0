import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encodeBundle } from './entry-bundle.js';
import { AuditError } from './error.js';
import { isCount } from './merkle.js';
import { type ReadNode, requireNode } from './read-node.js';
import { PARTIAL, TILE_WIDTH, type TileName, tilePath, widthAt } from './tile-path.js';

/** Reads the bytes of a stored entry; undefined where storage has none. */
export type ReadEntry = (index: number) => Uint8Array | undefined;

/**
 * Writes the tiles and bundles that differ between two sizes of a log (C2SP tlog-tiles), then
 * `publishCheckpoint` makes them count. The files are an image of the log's storage: nothing here is synced.
 *
 * A crash here leaves files that no checkpoint speaks of yet; the next call writes them again. After a power cut,
 * files below the published size may be missing: write the image again, from size 0.
 *
 * INVARIANT: one writer for each folder.
 *
 * @param dir the log's folder; made if there is none
 * @param fromSize what the image holds already
 * @throws AuditError `out-of-range`, `node-missing`, `entry-missing`, `entry-too-large`; and errors of the file system
 */
export function writeTiles(
  dir: string,
  fromSize: number,
  toSize: number,
  readNode: ReadNode,
  readEntry: ReadEntry,
): void {
  if (!isCount(fromSize) || !isCount(toSize) || fromSize > toSize) {
    throw new AuditError('out-of-range', `A log cannot grow from ${fromSize} to ${toSize} entries.`);
  }
  for (const tile of changedTiles('entries', fromSize, toSize)) {
    writeTile(dir, tile, bundleOf(tile, readEntry));
  }
  for (let level = 0; widthAt(level, 0, toSize) > 0; level++) {
    for (const tile of changedTiles(level, fromSize, toSize)) {
      writeTile(dir, tile, hashesOf(tile, level, readNode));
    }
  }
}

/**
 * Replaces the log's `checkpoint` file: from here on readers see the new size. Call it after `writeTiles`.
 *
 * @param note a signed checkpoint
 */
export function publishCheckpoint(dir: string, note: string): void {
  writeWhole(dir, CHECKPOINT, note);
}

/** Name of the checkpoint file in a log's folder (C2SP tlog-tiles). */
export const CHECKPOINT = 'checkpoint';

function* changedTiles(level: TileName['level'], fromSize: number, toSize: number): Generator<TileName> {
  const leaves = TILE_WIDTH ** (level === 'entries' ? 1 : level + 1);
  for (let index = Math.floor(fromSize / leaves); widthAt(level, index, toSize) > 0; index++) {
    const width = widthAt(level, index, toSize);
    if (width > widthAt(level, index, fromSize)) {
      yield { level, index, width };
    }
  }
}

function writeTile(dir: string, tile: TileName, bytes: Uint8Array): void {
  const path = tilePath(tile);
  writeWhole(dir, path, bytes);
  // Readers with an older checkpoint take the full tile instead of the partial ones (C2SP tlog-tiles, "Partial Tiles").
  if (tile.width === TILE_WIDTH) {
    rmSync(join(dir, path + PARTIAL), { recursive: true, force: true });
  }
}

function bundleOf({ index, width }: TileName, readEntry: ReadEntry): Buffer {
  return encodeBundle(
    Array.from({ length: width }, (_, i) => {
      const entry = readEntry(index * TILE_WIDTH + i);
      if (entry === undefined) {
        throw new AuditError('entry-missing', `No entry ${index * TILE_WIDTH + i} is stored.`);
      }
      return entry;
    }),
  );
}

function hashesOf({ index, width }: TileName, level: number, readNode: ReadNode): Buffer {
  // One level of tiles is eight levels of the tree.
  return Buffer.concat(
    Array.from({ length: width }, (_, i) => requireNode(readNode, level * 8, index * TILE_WIDTH + i)),
  );
}

/** Readers see the old file or the whole new one. One temporary name: a crash leaves one file, which the next write takes over. */
function writeWhole(dir: string, path: string, bytes: string | Uint8Array): void {
  const [temporary, target] = [join(dir, '.write.tmp'), join(dir, path)];
  withFolder(dir, () => writeFileSync(temporary, bytes));
  withFolder(dirname(target), () => renameSync(temporary, target));
}

/** Folders are nearly always there: making sure of it each time would cost more than the file. */
function withFolder(folder: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      throw error;
    }
    mkdirSync(folder, { recursive: true });
    write();
  }
}
