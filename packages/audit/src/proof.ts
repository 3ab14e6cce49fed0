import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { AuditError } from './error.js';
import { keepNewest } from './keep-newest.js';
import { HASH_BYTES, leafHash } from './merkle.js';
import { MAX_NOTE_BYTES } from './note.js';
import type { NoteKey } from './note-key.js';
import { readBase64, readDecimal, readText } from './read-text.js';
import { type ProvedPath, verifyInclusion } from './verify-inclusion.js';

/** What a proof file holds. Nothing in it is trustworthy before `verifyProof` says so. */
export interface Proof {
  /** Zero-based index of the entry. */
  readonly index: number;
  /** 32 bytes each, from the leaf's sibling up. */
  readonly hashes: readonly Uint8Array[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string;
  /** Application data that nothing authenticates, at most 65,536 bytes; absent rather than empty. */
  readonly extra?: Uint8Array;
}

/** What a proof proves: the entry stands at `index` of the log that had this size and root. */
export interface Proved {
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * Verifies, without any network, that a log holds an entry (C2SP tlog-proof).
 *
 * @param proof UTF-8; at most 1,100,000 bytes
 * @param leaf the entry's bytes, not their hash
 * @param key of the log that the caller trusts for this entry
 * @throws AuditError `too-large`, `proof-malformed`, those of `openCheckpoint`, `inclusion-invalid`
 */
export function verifyProof(
  proof: string | Uint8Array,
  leaf: Uint8Array,
  key: NoteKey,
  origin: string,
): Proved {
  return proveBy(parseProof(proof), leaf, key, origin);
}

/** The same for a proof that was taken apart already. @throws AuditError those of `verifyProof` */
export function proveBy(
  { index, hashes, checkpoint }: Proof,
  leaf: Uint8Array,
  key: NoteKey,
  origin: string,
): Proved {
  const opened = openCheckpoint(checkpoint, key, origin);
  const { size, root } = opened;
  const claim = { index, size, leafHash: leafHash(leaf), root, proof: hashes };
  keepNewest(proved, NEWEST, opened, verifyInclusion(claim, proved.get(opened)));
  return { index, size, root };
}

// Entries of one batch come one after another, with one checkpoint and nearly the same path: what is the same as in the one before is
// neither decoded nor hashed again. INVARIANT: a path is kept for the very checkpoint that it was proved for, and only once it was.
const NEWEST = 16;
const proved = new Map<Checkpoint, ProvedPath>();

/**
 * Reads a proof, unverified (C2SP tlog-proof). The checkpoint in it is not looked at.
 *
 * @throws AuditError `too-large`, `proof-malformed`
 */
export function parseProof(proof: string | Uint8Array): Proof {
  const bytes = typeof proof === 'string' ? Buffer.from(readProofText(proof)) : viewOf(proof);
  if (bytes.length > MAX_PROOF_BYTES) readProofText(bytes);
  const end = bytes.indexOf('\n\n');
  if (end === -1) {
    throw new AuditError('proof-malformed', 'The proof has no checkpoint.');
  }
  // Each line below has one spelling, in ASCII: what is not, is none of them.
  const text = bytes.toString('latin1', 0, end);
  // An attacker may send half a million lines: one more than can be right is enough to see.
  const [header, ...lines] = text.split('\n', 3 + MAX_HASHES + 1);
  const extraLine = lines[0]?.startsWith(EXTRA) ? lines.shift() : undefined;
  const indexLine = lines.shift();
  if (header !== HEADER || !indexLine?.startsWith(INDEX) || lines.length > MAX_HASHES) {
    throw new AuditError('proof-malformed', 'The proof does not begin with its header, index and hashes.');
  }
  const checkpoint = readProofText(bytes.subarray(end + 1)).slice(1);
  return {
    index: readIndex(indexLine.slice(INDEX.length)),
    hashes: readHashes(lines, checkpoint),
    checkpoint,
    ...(extraLine === undefined ? {} : { extra: readExtra(extraLine.slice(EXTRA.length)) }),
  };
}

/**
 * Writes a proof; keep it as a `.tlog-proof` file (C2SP tlog-proof).
 *
 * @throws AuditError `too-large`, `proof-malformed` if it would not be read back
 */
export function formatProof({ index, hashes, checkpoint, extra }: Proof): string {
  checkForm({ index, hashes, checkpoint });
  const lines = [
    HEADER,
    ...(extra === undefined ? [] : [EXTRA + Buffer.from(extra).toString('base64')]),
    `${INDEX}${index}`,
    ...hashes.map((hash) => Buffer.from(hash).toString('base64')),
  ];
  const proof = `${lines.join('\n')}\n\n${checkpoint}`;
  if (extra !== undefined) parseProof(proof);
  return proof;
}

/** What would not be read back. A ledger writes thousands of proofs a second: they are not parsed again to see it. */
function checkForm({ index, hashes, checkpoint }: Proof): void {
  const isRead = readDecimal(String(index)) === index && hashes.length <= MAX_HASHES;
  if (!isRead || hashes.some(({ length }) => length !== HASH_BYTES))
    throw new AuditError('proof-malformed', 'The proof would not be read back.');
  readText(checkpoint, MAX_NOTE_BYTES, 'proof-malformed');
}

const HEADER = 'c2sp.org/tlog-proof@v1';
const EXTRA = 'extra ';
const INDEX = 'index ';
const LONGEST = 4096;
const MAX_EXTRA_BYTES = 65_536;
// C2SP's own limit for proofs between logs and witnesses; a tree of 2^53 leaves needs 53.
const MAX_HASHES = 63;
const MAX_PROOF_BYTES = MAX_NOTE_BYTES + 100_000;

function readProofText(text: string | Uint8Array): string {
  return readText(text, MAX_PROOF_BYTES, 'proof-malformed');
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function readIndex(text: string): number {
  const index = readDecimal(text);
  if (index === undefined) {
    throw new AuditError('proof-malformed', 'The index is not a decimal number in range.');
  }
  return index;
}

interface ReadHashes {
  readonly lines: readonly string[];
  readonly hashes: readonly Buffer[];
}

/** By checkpoint. Nothing is proved by standing here. */
const read = new Map<string, ReadHashes>();

/** A line that stood in the proof before, counted from the root's side, has the same hash. */
function readHashes(lines: readonly string[], checkpoint: string): readonly Buffer[] {
  const before = read.get(checkpoint);
  const shift = (before?.lines.length ?? 0) - lines.length;
  const hashes = lines.map((line, i) =>
    before?.lines[i + shift] === line ? (before.hashes[i + shift] as Buffer) : readHash(line),
  );
  if (checkpoint.length <= LONGEST) keepNewest(read, NEWEST, checkpoint, { lines, hashes });
  return hashes;
}

function readHash(line: string): Buffer {
  const hash = readBase64(line);
  if (hash?.length !== HASH_BYTES) {
    throw new AuditError('proof-malformed', 'A line of the proof is not a hash.');
  }
  return hash;
}

function readExtra(text: string): Buffer {
  const extra = readBase64(text);
  if (extra === undefined || extra.length === 0 || extra.length > MAX_EXTRA_BYTES) {
    throw new AuditError('proof-malformed', 'The extra data is empty, too long or not Base64.');
  }
  return extra;
}
