import type { ReadLogPath } from './advance.js';
import { AuditError } from './error.js';
import { HASH_BYTES, merkleRoot } from './merkle.js';
import type { ReadNode } from './read-node.js';
import { TILE_WIDTH, type TileName, tilePath, widthAt } from './tile-path.js';

/**
 * Works out something over the nodes of a log of `size` entries from its own tiles. Each tile that is missing is read, and the work
 * begins again: at most one tile for each hash that it takes. Everything in the tiles may be an attacker's.
 *
 * @throws AuditError `node-missing` if the tiles do not show what is needed; and what the work throws
 */
export async function throughTiles<T>(
  read: ReadLogPath,
  size: number,
  work: (readNode: ReadNode) => T,
): Promise<T> {
  const tiles = new Map<string, readonly Uint8Array[]>();
  for (let reads = 0; reads <= MOST_READS; reads++) {
    let missing: TileName | undefined;
    const readNode: ReadNode = (level, index) => {
      const name = tileOf(level, index, size);
      const hashes = tiles.get(tilePath(name));
      if (!hashes) missing ??= name;
      return hashes && nodeOf(hashes, level, index);
    };
    try {
      return work(readNode);
    } catch (error) {
      if (!missing || !(error instanceof AuditError) || error.code !== 'node-missing') throw error;
      tiles.set(tilePath(missing), await readHashes(read, missing));
    }
  }
  throw new AuditError('node-missing', 'The tiles do not show how the log has grown.');
}

/** Twice the height of the tallest tree that is one. */
const MOST_READS = 2 * 64;
const LEVELS = Math.log2(TILE_WIDTH);

function tileOf(level: number, index: number, size: number): TileName {
  const tileLevel = Math.floor(level / LEVELS);
  const first = index * 2 ** (level % LEVELS);
  const tile = { level: tileLevel, index: Math.floor(first / TILE_WIDTH) };
  return { ...tile, width: widthAt(tile.level, tile.index, size) };
}

function nodeOf(hashes: readonly Uint8Array[], level: number, index: number): Uint8Array | undefined {
  const count = 2 ** (level % LEVELS);
  const first = (index * count) % TILE_WIDTH;
  const below = hashes.slice(first, first + count);
  return below.length === count ? merkleRoot(below) : undefined;
}

/** A partial tile, or the full one that has taken its place. */
async function readHashes(read: ReadLogPath, name: TileName): Promise<readonly Uint8Array[]> {
  const full = { ...name, width: TILE_WIDTH };
  const bytes =
    (await read(tilePath(name), name.width * HASH_BYTES)) ??
    (await read(tilePath(full), TILE_WIDTH * HASH_BYTES));
  if (!bytes || bytes.length < name.width * HASH_BYTES)
    throw new AuditError('node-missing', `The log does not show ${tilePath(name)}.`);
  return Array.from({ length: name.width }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}
