import { AuditError } from './error.js';
import { HASH_BYTES, isCount, nodeHash } from './merkle.js';

export interface Inclusion {
  /** Zero-based index of the leaf. */
  readonly index: number;
  /** Number of leaves in the tree. */
  readonly size: number;
  readonly leafHash: Uint8Array;
  readonly root: Uint8Array;
  /** 32 bytes each, from the leaf's sibling up to a child of the root. */
  readonly proof: readonly Uint8Array[];
}

/**
 * Checks that a leaf stands at an index of the tree with this root (RFC 9162 §2.1.3.2).
 *
 * Every field but `root` and `size` may be an attacker's; those two come from a checkpoint whose signature holds.
 *
 * @throws AuditError `inclusion-invalid`
 */
export function verifyInclusion({ index, size, leafHash, root, proof }: Inclusion): void {
  if (!isCount(index) || !isCount(size) || index >= size) {
    throw invalid('the index is not one of the tree');
  }
  if (![leafHash, root, ...proof].every((hash) => hash.length === HASH_BYTES)) {
    throw invalid('a hash is not 32 bytes long');
  }
  let [node, last] = [index, size - 1];
  let hash = leafHash;
  for (const sibling of proof) {
    if (last === 0) {
      throw invalid('the proof is too long');
    }
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      // A last node without a sibling rises unchanged through these levels: the proof holds nothing for them.
      while (node % 2 === 0 && node !== 0) {
        [node, last] = [node / 2, Math.floor(last / 2)];
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  if (last !== 0) {
    throw invalid('the proof is too short');
  }
  if (Buffer.compare(hash, root) !== 0) {
    throw invalid('the proof leads to another root');
  }
}

function invalid(reason: string): AuditError {
  return new AuditError('inclusion-invalid', `Inclusion not proved: ${reason}.`);
}
