import type { Checkpoint } from './checkpoint.js';
import { AuditError } from './error.js';
import type { LogFiles } from './log-files.js';
import { leafHash } from './merkle.js';
import { inclusionProof } from './prove.js';
import { readTile } from './read-tile.js';
import { throughTiles } from './through-tiles.js';
import { TILE_WIDTH, widthAt } from './tile-path.js';
import { verifyInclusion } from './verify-inclusion.js';

/**
 * Reads one entry of a log, proved to stand there under a checkpoint, without the rest of it: its bundle, and at most one tile for
 * each hash of the proof. Everything in the files may be an attacker's.
 *
 * @returns the entry's bytes
 * @throws AuditError `out-of-range` beyond the checkpoint, `entry-missing` or `node-missing` if the files do not show it,
 *   `inclusion-invalid` if it is not the one of this checkpoint; and what `files` throws
 */
export async function readEntryAt(
  files: LogFiles,
  index: number,
  { size, root }: Pick<Checkpoint, 'size' | 'root'>,
): Promise<Uint8Array> {
  if (index < 0 || index >= size)
    throw new AuditError('out-of-range', `The log has ${size} entries, none of index ${index}.`);
  const bundle = Math.floor(index / TILE_WIDTH);
  const name = { level: 'entries', index: bundle, width: widthAt('entries', bundle, size) } as const;
  const leaf = (await readTile(files, name, () => undefined))?.entries[index % TILE_WIDTH];
  if (!leaf) throw new AuditError('entry-missing', `The log does not show its entry ${index}.`);
  const read = async (path: string, maxBytes: number) => {
    const bytes = await files.read(path, maxBytes);
    return typeof bytes === 'string' ? undefined : bytes;
  };
  const proof = await throughTiles(read, size, (readNode) => inclusionProof(index, size, readNode));
  verifyInclusion({ index, size, leafHash: leafHash(leaf), root, proof });
  return leaf;
}
