import { createHash, hash } from 'node:crypto';

/** Length of every hash in this package, in bytes (SHA-256). */
export const HASH_BYTES = 32;

/**
 * Hash of a leaf: SHA-256(0x00 ‖ entry). The prefix keeps a leaf from being read as a node (RFC 6962 §2.1).
 *
 * @param entry the bytes of one log entry, of any length
 */
export function leafHash(entry: Uint8Array): Buffer {
  if (entry.length >= leaf.length) return createHash('sha256').update(LEAF_PREFIX).update(entry).digest();
  leaf.set(entry, 1);
  return digest(leaf.subarray(0, 1 + entry.length));
}

/**
 * Hash of an inner node: SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1).
 *
 * @param left 32 bytes
 * @param right 32 bytes
 */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return digest(node);
}

/** Root of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). A fresh buffer at each call. */
export function emptyRoot(): Buffer {
  return hash('sha256', '', 'buffer');
}

/**
 * Root of the tree over the given leaf hashes (RFC 6962 §2.1), without any storage. For a growing log use
 * `appendLeaves`.
 *
 * @param hashes 32 bytes each; or roots of equally large full subtrees, of which the last may be smaller
 */
export function merkleRoot(hashes: readonly Uint8Array[]): Buffer {
  let row = hashes;
  while (row.length > 1) {
    row = pairUp(row);
  }
  const [root] = row;
  return root === undefined ? emptyRoot() : Buffer.from(root);
}

/** The number of complete subtrees of 2^level leaves in a tree; exact up to 2^53 − 1, where bit operators are not. */
export function completeAt(level: number, size: number): number {
  return Math.floor(size / 2 ** level);
}

/** Sizes and indices come as numbers from wires and files: beyond 2^53 − 1 arithmetic would silently round. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

const LEAF_PREFIX = Buffer.of(0x00);

// Scratch buffers: everything here is synchronous, and the digest is copied out before the next call.
const node = Buffer.alloc(1 + 2 * HASH_BYTES, 0x01);
const leaf = Buffer.alloc(256);

// Digests lie side by side in a buffer of their own: each as a buffer by itself costs more than twice the time, and cleaning up after it.
const DIGESTS = 256;
let digests = Buffer.alloc(0);
let next = 0;

function digest(bytes: Uint8Array): Buffer {
  if (next === digests.length) [digests, next] = [Buffer.allocUnsafeSlow(DIGESTS * HASH_BYTES), 0];
  const start = next;
  next += digests.write(hash('sha256', bytes, 'binary'), start, 'binary');
  return digests.subarray(start, next);
}

/** One level up. A last one without a partner rises unchanged, which gives RFC 6962's split at the largest power of two. */
function pairUp(row: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let i = 0; i < row.length; i += 2) {
    const [left, right] = [row[i], row[i + 1]];
    if (left !== undefined) {
      above.push(right === undefined ? left : nodeHash(left, right));
    }
  }
  return above;
}
