import { AuditError } from './error.js';
import { completeAt, emptyRoot, HASH_BYTES, isCount, nodeHash } from './merkle.js';
import { type ReadNode, requireNode, type TreeNode } from './read-node.js';

export interface Appended {
  /** Number of leaves after the append. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Buffer;
  /** The subtrees that became complete, leaves included; store all of them in one transaction with the size. */
  readonly nodes: readonly TreeNode[];
}

/**
 * Appends a batch of leaves to a tree of `size` leaves. Pure but for `readNode`, which is asked once for each
 * complete subtree on the tree's right edge: at most log2(size) reads, whatever the batch.
 *
 * @param leafHashes 32 bytes each, from `leafHash`
 * @throws AuditError `out-of-range`, `node-missing`
 */
export function appendLeaves(size: number, leafHashes: readonly Uint8Array[], readNode: ReadNode): Appended {
  const newSize = size + leafHashes.length;
  if (!isCount(size) || !isCount(newSize) || !leafHashes.every((hash) => hash.length === HASH_BYTES)) {
    throw new AuditError('out-of-range', 'The size or a leaf hash cannot be one of a tree.');
  }
  const edge = readEdge(size, readNode);
  const nodes: TreeNode[] = [];
  for (const [i, leafHash] of leafHashes.entries()) {
    raise(edge, nodes, size + i, leafHash);
  }
  return { size: newSize, root: foldEdge(edge) ?? emptyRoot(), nodes };
}

/**
 * The root of the first `size` leaves, with at most log2(size) reads.
 *
 * @throws AuditError `out-of-range`, `node-missing`
 */
export function treeRoot(size: number, readNode: ReadNode): Buffer {
  if (!isCount(size)) {
    throw new AuditError('out-of-range', 'The size cannot be one of a tree.');
  }
  return foldEdge(readEdge(size, readNode)) ?? emptyRoot();
}

/**
 * The complete subtrees that cover the last leaves of the tree, by level: one for each bit set in the size, so that
 * appending counts in binary. With `below`, only those of lower levels: the incomplete subtree at level `below`.
 */
export function readEdge(size: number, readNode: ReadNode, below = Number.POSITIVE_INFINITY): Edge {
  const edge: Edge = [];
  for (let level = 0; level < below && completeAt(level, size) > 0; level++) {
    const complete = completeAt(level, size);
    edge[level] = complete % 2 === 1 ? requireNode(readNode, level, complete - 1) : undefined;
  }
  return edge;
}

/** The hash over all leaves of the edge, or undefined if it has none. */
export function foldEdge(edge: Edge): Buffer | undefined {
  let hash: Uint8Array | undefined;
  for (const subtree of edge) {
    if (subtree !== undefined) {
      hash = hash === undefined ? subtree : nodeHash(subtree, hash);
    }
  }
  return hash === undefined ? undefined : Buffer.from(hash);
}

type Edge = (Uint8Array | undefined)[];

/** Adds one leaf to the edge: like a carry in binary, it merges with every full neighbour on its left. */
function raise(edge: Edge, nodes: TreeNode[], leafIndex: number, leafHash: Uint8Array): void {
  let [level, index, hash] = [0, leafIndex, leafHash];
  nodes.push({ level, index, hash });
  for (let left = edge[level]; left !== undefined; left = edge[level]) {
    edge[level] = undefined;
    hash = nodeHash(left, hash);
    level += 1;
    index = (index - 1) / 2;
    nodes.push({ level, index, hash });
  }
  edge[level] = hash;
}
