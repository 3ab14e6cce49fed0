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

/** A proof that held, and where its way stood before each of its hashes. */
export interface ProvedPath {
  readonly proof: readonly Uint8Array[];
  readonly steps: readonly Step[];
}

/** A node, by its index on its level, of which `last` is the last index: no two levels that have siblings have the same. */
interface Step {
  readonly node: number;
  readonly last: number;
  readonly hash: Uint8Array;
}

/**
 * Checks that a leaf stands at an index of the tree with this root (RFC 9162 §2.1.3.2).
 *
 * Every field but `root` and `size` may be an attacker's; those two come from a checkpoint whose signature holds.
 *
 * @param before a path of a proof that held for the same root and size. Where this one meets it, it need not go on
 * @throws AuditError `inclusion-invalid`
 */
export function verifyInclusion(
  { index, size, leafHash, root, proof }: Inclusion,
  before?: ProvedPath,
): ProvedPath {
  if (!isCount(index) || !isCount(size) || index >= size) {
    throw invalid('the index is not one of the tree');
  }
  if (!isHash(leafHash) || !isHash(root) || !proof.every(isHash)) {
    throw invalid('a hash is not 32 bytes long');
  }
  let [node, last] = [index, size - 1];
  let hash = leafHash;
  const steps: Step[] = [];
  for (const sibling of proof) {
    if (last === 0) {
      throw invalid('the proof is too long');
    }
    const step = { node, last, hash };
    const rest = before && stepsFrom(before, step, proof, steps.length);
    if (rest) return { proof, steps: [...steps, ...rest] };
    steps.push(step);
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
  if (!isSame(hash, root)) {
    throw invalid('the proof leads to another root');
  }
  return { proof, steps };
}

/**
 * The steps of a proved path from this one on, if it stood here too, with the same hash and the same hashes still to come.
 * INVARIANT: all that decides how the way goes on from here is compared, so it ends where the proved one did.
 */
function stepsFrom(
  before: ProvedPath,
  { node, last, hash }: Step,
  proof: readonly Uint8Array[],
  at: number,
): readonly Step[] | undefined {
  const shift = before.proof.length - proof.length;
  const step = before.steps[at + shift];
  if (step?.node !== node || step.last !== last || !isSame(step.hash, hash)) return undefined;
  const isRestSame = proof.every((sibling, i) => i < at || isSame(sibling, before.proof[i + shift]));
  return isRestSame ? before.steps.slice(at + shift) : undefined;
}

function isHash({ length }: Uint8Array): boolean {
  return length === HASH_BYTES;
}

function isSame(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return a === b || (b !== undefined && Buffer.compare(a, b) === 0);
}

function invalid(reason: string): AuditError {
  return new AuditError('inclusion-invalid', `Inclusion not proved: ${reason}.`);
}
