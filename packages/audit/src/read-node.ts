import { AuditError } from './error.js';
import { HASH_BYTES } from './merkle.js';

/**
 * Reads the stored hash of a complete subtree: the one over the leaves from `index` · 2^`level`, 2^`level` of them.
 * Level 0 are the leaf hashes. Complete subtrees never change, so an answer may be kept for ever.
 *
 * @returns 32 bytes, or undefined where storage has none
 */
export type ReadNode = (level: number, index: number) => Uint8Array | undefined;

/** A complete subtree's hash, to be stored under (level, index). */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
  readonly hash: Uint8Array;
}

/**
 * A `readNode` that answers from the given nodes first, then from storage, which it asks once for each node. Make one
 * for each batch: its proofs share nearly all their nodes. It forgets nothing, so let it go with the batch.
 */
export function readThrough(nodes: Iterable<TreeNode>, readNode: ReadNode): ReadNode {
  const levels: Map<number, Uint8Array>[] = [];
  const levelMap = (level: number) => {
    levels[level] ??= new Map();
    return levels[level];
  };
  for (const { level, index, hash } of nodes) {
    levelMap(level).set(index, hash);
  }
  return (level, index) => {
    const known = levelMap(level).get(index);
    if (known !== undefined) {
      return known;
    }
    const stored = readNode(level, index);
    if (stored !== undefined) {
      levelMap(level).set(index, stored);
    }
    return stored;
  };
}

/** @throws AuditError `node-missing` if storage lacks the node or holds something that is no hash */
export function requireNode(readNode: ReadNode, level: number, index: number): Uint8Array {
  const hash = readNode(level, index);
  if (hash?.length !== HASH_BYTES) {
    throw new AuditError('node-missing', `No hash is stored for node ${index} of level ${level}.`);
  }
  return hash;
}
