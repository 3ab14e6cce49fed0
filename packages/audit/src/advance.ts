import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { AuditError } from './error.js';
import { HASH_BYTES, merkleRoot } from './merkle.js';
import { MAX_NOTE_BYTES } from './note.js';
import type { NoteKey } from './note-key.js';
import { consistencyProof } from './prove.js';
import type { ReadNode } from './read-node.js';
import { TILE_WIDTH, type TileName, tilePath, widthAt } from './tile-path.js';
import { treeRoot } from './tree.js';
import { verifyConsistency } from './verify-consistency.js';
import { CHECKPOINT } from './write-tiles.js';

/**
 * Reads a file of somebody's log by its path (C2SP tlog-tiles), from a folder or over HTTP.
 * @returns undefined where there is none, or more than `maxBytes`
 */
export type ReadLogPath = (path: string, maxBytes: number) => Promise<Uint8Array | undefined>;

/** @returns the signed checkpoint of a log, verified, and its note as it came */
export async function readCheckpointOf(
  read: ReadLogPath,
  key: NoteKey,
  origin: string,
): Promise<{ readonly checkpoint: Checkpoint; readonly note: string }> {
  const bytes = await read(CHECKPOINT, MAX_NOTE_BYTES);
  if (!bytes) throw new AuditError('checkpoint-missing', 'The log has no checkpoint.');
  const note = Buffer.from(bytes).toString('utf8');
  return { checkpoint: openCheckpoint(note, key, origin), note };
}

/**
 * Proves from a log's own tiles that a later checkpoint continues an earlier one (RFC 9162 §2.1.4). Reads at most one tile for each
 * hash of the proof, whatever the size of the log. Everything in the tiles may be an attacker's.
 *
 * @returns the proof, as others verify it
 * @throws AuditError `consistency-invalid` if it does not, `node-missing` if the tiles do not show it
 */
export async function proveContinues(
  read: ReadLogPath,
  before: Checkpoint,
  after: Checkpoint,
): Promise<readonly Uint8Array[]> {
  const sizes = { oldSize: before.size, oldRoot: before.root, size: after.size, root: after.root };
  if (before.size >= after.size || before.size === 0) {
    verifyConsistency({ ...sizes, proof: [] });
    return [];
  }
  return await fromTiles(read, after.size, (readNode) => {
    const proof = consistencyProof(before.size, after.size, readNode);
    verifyConsistency({ ...sizes, proof });
    return proof;
  });
}

/**
 * What a log of now was when it had fewer entries, from its own tiles, proved by the checkpoint of now.
 * @throws AuditError `out-of-range`, `node-missing`, `consistency-invalid` if the tiles are not those of the checkpoint
 */
export async function readEarlier(read: ReadLogPath, size: number, now: Checkpoint): Promise<Earlier> {
  return await fromTiles(read, now.size, (readNode) => {
    const [root, proof] = [treeRoot(size, readNode), consistencyProof(size, now.size, readNode)];
    verifyConsistency({ oldSize: size, oldRoot: root, size: now.size, root: now.root, proof });
    return { root, proof };
  });
}

export interface Earlier {
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** From then to now. */
  readonly proof: readonly Uint8Array[];
}

/** Works with the tiles that the work turns out to need. */
async function fromTiles<T>(read: ReadLogPath, size: number, work: (readNode: ReadNode) => T): Promise<T> {
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
