import { decodeBundle, MAX_ENTRY_BYTES } from './entry-bundle.js';
import { AuditError } from './error.js';
import type { ReportFault } from './log-fault.js';
import type { LogFiles } from './log-files.js';
import { HASH_BYTES, leafHash } from './merkle.js';
import { TILE_WIDTH, type TileName, tilePath } from './tile-path.js';

/** A tile or bundle as it was found. */
export interface FoundTile {
  /** The file that was read. */
  readonly path: string;
  /** As many as asked for: a tile's hashes, or the leaf hashes of a bundle's entries. */
  readonly hashes: readonly Uint8Array[];
  /** A bundle's entries; none for a tile. */
  readonly entries: readonly Uint8Array[];
}

/**
 * Reads a tile or bundle of a log's folder, reporting a missing, truncated or overlong file. Where a partial file is
 * gone, the full one serves: a log may delete the former once it has the latter (C2SP tlog-tiles).
 */
export async function readTile(
  files: LogFiles,
  name: TileName,
  report: ReportFault,
): Promise<FoundTile | undefined> {
  const full = { ...name, width: TILE_WIDTH };
  const own = await files.read(tilePath(name), maxBytes(name));
  const found = own === 'missing' && name.width < TILE_WIDTH ? full : name;
  const bytes = found === name ? own : await files.read(tilePath(full), maxBytes(full));
  if (bytes === 'missing') {
    report('file-missing', tilePath(name), 'The file that the checkpoint calls for is not there.');
    return undefined;
  }
  const tile = bytes === 'malformed' ? undefined : decode(found, bytes);
  if (tile === undefined) {
    report('file-malformed', tilePath(found), `The file does not hold exactly ${found.width} of its kind.`);
    return undefined;
  }
  return {
    path: tilePath(found),
    hashes: tile.hashes.slice(0, name.width),
    entries: tile.entries.slice(0, name.width),
  };
}

function maxBytes({ level, width }: TileName): number {
  return width * (level === 'entries' ? 2 + MAX_ENTRY_BYTES : HASH_BYTES);
}

function decode({ level, width }: TileName, bytes: Buffer): Omit<FoundTile, 'path'> | undefined {
  if (level === 'entries') {
    const entries = decodeEntries(bytes, width);
    return entries && { hashes: entries.map(leafHash), entries };
  }
  if (bytes.length !== width * HASH_BYTES) {
    return undefined;
  }
  const hashAt = (i: number) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
  return { hashes: Array.from({ length: width }, (_, i) => hashAt(i)), entries: [] };
}

function decodeEntries(bytes: Buffer, width: number): Buffer[] | undefined {
  try {
    return decodeBundle(bytes, width);
  } catch (error) {
    if (error instanceof AuditError && error.code === 'bundle-malformed') {
      return undefined;
    }
    throw error;
  }
}
