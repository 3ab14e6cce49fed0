import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { AuditError } from './error.js';
import { MAX_NOTE_BYTES } from './note.js';
import type { NoteKey } from './note-key.js';
import { consistencyProof } from './prove.js';
import { throughTiles } from './through-tiles.js';
import { treeRoot } from './tree.js';
import { type Consistency, verifyConsistency } from './verify-consistency.js';
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
 * hash of the proof, whatever the size of the log. Everything in the tiles may be an attacker's, who need not be the log: a mirror, a bad
 * disk.
 *
 * @returns the proof, as others verify it
 * @throws AuditError `consistency-invalid` if the log has signed two histories, by what it has signed; `node-missing` if the tiles do not
 *   show how it has grown: they are not there, or not those of the later checkpoint
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
  return await throughTiles(read, after.size, (readNode) => {
    const proof = consistencyProof(before.size, after.size, readNode);
    try {
      verifyConsistency({ ...sizes, proof });
    } catch (error) {
      checkOwn({ ...sizes, oldRoot: treeRoot(before.size, readNode), proof });
      throw error;
    }
    return proof;
  });
}

/**
 * INVARIANT: a log is said to have two histories only where the later checkpoint proves another beginning than the earlier one has signed.
 * Tiles are signed by nobody: those of another tree than the checkpoint's prove nothing.
 */
function checkOwn(shown: Consistency): void {
  try {
    verifyConsistency(shown);
  } catch (cause) {
    throw new AuditError('node-missing', 'The tiles are not those of the checkpoint.', cause);
  }
}

/**
 * What a log of now was when it had fewer entries, from its own tiles, proved by the checkpoint of now. With as many as now it was what
 * that checkpoint says, and no tile is read.
 * @throws AuditError `out-of-range`, `node-missing`, `consistency-invalid` if the tiles are not those of the checkpoint
 */
export async function readEarlier(read: ReadLogPath, size: number, now: Checkpoint): Promise<Earlier> {
  if (size > now.size) throw new AuditError('out-of-range', 'The log has fewer entries than that.');
  if (size === now.size) return { root: now.root, proof: [] };
  return await throughTiles(read, now.size, (readNode) => {
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
