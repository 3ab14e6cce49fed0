import type { Fault } from './log-fault.js';
import { HASH_BYTES, isCount } from './merkle.js';
import type { Claims, Suspect } from './tile-claims.js';
import { rootOf } from './tile-claims.js';
import { TILE_WIDTH } from './tile-path.js';

/** The tile of one level that is not full yet, and what is claimed about it. */
export interface Row {
  readonly index: number;
  readonly claims: Claims;
}

/**
 * Where the verification of a log stands after some full bundles: all that it needs to go on. Whoever can write it can make a
 * verification say anything: keep it like the findings.
 */
export interface LogProgress {
  /** Entries that are done; a multiple of 256. */
  readonly done: number;
  /** By level; hashes of a level in hexadecimal, one after another. `tiles` is absent where it is the same. */
  readonly rows: readonly { readonly index: number; readonly entries: string; readonly tiles?: string }[];
  readonly suspects: readonly Suspect[];
  readonly faults: readonly Fault[];
}

export function saveRows(rows: readonly (Row | undefined)[]): LogProgress['rows'] {
  return Array.from(rows, (row) => {
    const [entries, tiles] = [toHex(row?.claims.entries), toHex(row?.claims.tiles)];
    return { index: row?.index ?? 0, entries, ...(tiles === entries ? {} : { tiles }) };
  });
}

/** @throws RangeError if no verification has left this */
export function restoreRows({ done, rows }: LogProgress): Row[] {
  if (!isCount(done) || done % TILE_WIDTH !== 0) throw new RangeError('the position is not one of a log');
  let below = 1;
  const restored = rows.map(({ index, entries, tiles = entries }) => {
    const row = { index, claims: { entries: fromHex(entries), tiles: fromHex(tiles) } };
    // What a tree of this size has on its right edge follows from the size.
    const width = Math.floor(done / below) % TILE_WIDTH;
    const isEdge = row.claims.entries.length === width && row.claims.tiles.length === width;
    if (!isEdge || index !== Math.floor(done / below / TILE_WIDTH))
      throw new RangeError('the hashes are not those of its position');
    below *= TILE_WIDTH;
    return row;
  });
  if (below <= done) throw new RangeError('levels of the tree are missing');
  return restored;
}

/** The root of all entries that are done, by what their bundles hold. */
export function rootOfProgress(progress: LogProgress): Uint8Array {
  return rootOf(
    restoreRows(progress).map(({ claims }) => claims),
    'entries',
  );
}

function toHex(hashes: readonly Uint8Array[] = []): string {
  return Buffer.concat(hashes).toString('hex');
}

function fromHex(text: string): Buffer[] {
  const bytes = Buffer.from(text, 'hex');
  if (bytes.toString('hex') !== text || bytes.length % HASH_BYTES !== 0)
    throw new RangeError('a row does not hold hashes');
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, i) =>
    bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
}
