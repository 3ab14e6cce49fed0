import { AuditError } from './error.js';
import { emptyRoot, HASH_BYTES, isCount, nodeHash } from './merkle.js';

export interface Consistency {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  /** 32 bytes each, in the order of RFC 9162 §2.1.4.1. */
  readonly proof: readonly Uint8Array[];
}

/**
 * Checks that a tree of `size` leaves begins with the tree of `oldSize` leaves (RFC 9162 §2.1.4.2).
 *
 * Sizes and roots must each come from one signed checkpoint: only the signature binds a size to its root, as trees of
 * several sizes have paths of the same shape. The proof may be an attacker's.
 *
 * The RFC leaves size 0 open. We follow C2SP: the empty tree, under its own root, is consistent with every tree
 * and needs no hashes. Equal sizes need equal roots and no hashes.
 *
 * @throws AuditError `consistency-invalid`
 */
export function verifyConsistency({ oldSize, oldRoot, size, root, proof }: Consistency): void {
  if (!isCount(oldSize) || !isCount(size) || oldSize > size) {
    throw invalid('a tree cannot shrink');
  }
  if (![oldRoot, root, ...proof].every((hash) => hash.length === HASH_BYTES)) {
    throw invalid('a hash is not 32 bytes long');
  }
  if (size === 0 && !same(root, emptyRoot())) {
    throw invalid('a tree without leaves has another root');
  }
  if (oldSize === 0 || oldSize === size) {
    verifyTrivial(oldRoot, oldSize === 0 ? emptyRoot() : root, proof);
    return;
  }
  verifyPath({ oldSize, oldRoot, size, root, proof });
}

function verifyTrivial(oldRoot: Uint8Array, expected: Uint8Array, proof: readonly Uint8Array[]): void {
  if (proof.length !== 0) {
    throw invalid('the proof is too long');
  }
  if (!same(oldRoot, expected)) {
    throw invalid('the roots differ');
  }
}

function verifyPath({ oldSize, oldRoot, size, root, proof }: Consistency): void {
  let [node, last] = [oldSize - 1, size - 1];
  while (node % 2 === 1) {
    [node, last] = [(node - 1) / 2, Math.floor(last / 2)];
  }
  // If the old size is a power of two, the old tree is one subtree of the new one and its root starts the path.
  const [start, ...siblings] = node === 0 ? [oldRoot, ...proof] : proof;
  if (start === undefined) {
    throw invalid('the proof is too short');
  }
  let [oldHash, hash] = [start, start];
  for (const sibling of siblings) {
    if (last === 0) {
      throw invalid('the proof is too long');
    }
    if (node % 2 === 1 || node === last) {
      [oldHash, hash] = [nodeHash(sibling, oldHash), nodeHash(sibling, hash)];
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
  if (!same(oldHash, oldRoot) || !same(hash, root)) {
    throw invalid('the proof leads to other roots');
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function invalid(reason: string): AuditError {
  return new AuditError('consistency-invalid', `Consistency not proved: ${reason}.`);
}
