import { AuditError } from './error.js';
import { completeAt, isCount } from './merkle.js';
import { type ReadNode, requireNode } from './read-node.js';
import { foldEdge, readEdge } from './tree.js';

/**
 * The hashes that prove a leaf's place in the tree of `size` leaves, from its sibling up (RFC 6962 §2.1.1).
 * At most 2 · log2(size) reads.
 *
 * @throws AuditError `out-of-range`, `node-missing`
 */
export function inclusionProof(index: number, size: number, readNode: ReadNode): Uint8Array[] {
  if (!isCount(index) || !isCount(size) || index >= size) {
    throw new AuditError('out-of-range', `A tree of ${size} leaves has no leaf ${index}.`);
  }
  return siblings(0, index, size, readNode);
}

/**
 * The hashes that prove that the tree of `size` leaves begins with the tree of `oldSize` leaves (RFC 6962 §2.1.2).
 * None if the old tree is empty or the same. At most 2 · log2(size) reads.
 *
 * @throws AuditError `out-of-range`, `node-missing`
 */
export function consistencyProof(oldSize: number, size: number, readNode: ReadNode): Uint8Array[] {
  if (!isCount(oldSize) || !isCount(size) || oldSize > size) {
    throw new AuditError('out-of-range', `A tree of ${size} leaves never had ${oldSize}.`);
  }
  if (oldSize === 0 || oldSize === size) {
    return [];
  }
  // The proof is the path of the old tree's last complete subtree, which goes first unless it is the whole old tree.
  let [level, complete] = [0, oldSize];
  while (complete % 2 === 0) {
    [level, complete] = [level + 1, complete / 2];
  }
  const start = complete === 1 ? [] : [requireNode(readNode, level, complete - 1)];
  return [...start, ...siblings(level, complete - 1, size, readNode)];
}

/** The siblings on the way from a complete subtree up to the root. */
function siblings(fromLevel: number, fromIndex: number, size: number, readNode: ReadNode): Uint8Array[] {
  const path: Uint8Array[] = [];
  let [level, index] = [fromLevel, fromIndex];
  for (; 2 ** level < size; level++) {
    const sibling = index % 2 === 0 ? index + 1 : index - 1;
    const complete = completeAt(level, size);
    if (sibling < complete) {
      path.push(requireNode(readNode, level, sibling));
    } else if (sibling === complete) {
      // The tree ends inside this sibling (or before it: then it is empty and the path skips the level).
      const partial = foldEdge(readEdge(size, readNode, level));
      path.push(...(partial === undefined ? [] : [partial]));
    }
    index = Math.floor(index / 2);
  }
  return path;
}
