import { createHash } from 'node:crypto';
import { LIMITS, wire } from '@entente/contract';
import { parseCheckpoint } from './checkpoint.js';
import { AuditError } from './error.js';
import { parseNote } from './note.js';
import { type NoteKey, parseVkey } from './note-key.js';
import { parseProof, proveBy } from './proof.js';

/** A ledger as the directory names it. */
export interface LedgerIdentity {
  readonly origin: string;
  readonly vkey: string;
  /** Entries of this time only; without them, of any. */
  readonly validFromMs?: number;
  readonly validUntilMs?: number;
}

/** A leaf whose place in the log is proved. */
export interface VerifiedLeaf {
  readonly origin: string;
  readonly index: number;
  /** Of the log when it proved the entry. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  readonly leaf: wire.LeafFrame;
}

/** An entry whose place in the log and whose record are proved. */
export interface VerifiedEntry extends VerifiedLeaf {
  readonly record: wire.RecordFrame;
}

/**
 * Verifies that a ledger has logged this record: the proof is of a log that the caller trusts, the leaf stands in it, and
 * the record is the one that the leaf commits to. An attacker controls every byte of the entry.
 *
 * @param findLedger the trusted ledger with this origin, if there is one
 * @throws AuditError `checkpoint-wrong-origin`, `log-not-valid`, `commitment-wrong`, those of `verifyProof`; Rejection `frame-malformed`
 */
export function verifyEntry(
  entry: wire.EntryFrame,
  findLedger: (origin: string) => LedgerIdentity | undefined,
): VerifiedEntry {
  const verified = verifyLeaf(entry, findLedger);
  const commitment = createHash('sha256').update(entry.salt).update(entry.record).digest();
  if (entry.salt.length !== 16 || !commitment.equals(verified.leaf.commitment)) {
    throw new AuditError('commitment-wrong', 'The record is not the one that was logged.');
  }
  return { ...verified, record: wire.record.decode(entry.record) };
}

/**
 * The same of an entry whose record is erased, or not at hand: that something of this kind was logged at this time.
 * @throws AuditError `checkpoint-wrong-origin`, `log-not-valid`, those of `verifyProof`; Rejection `frame-malformed`
 */
export function verifyLeaf(
  entry: Pick<wire.EntryFrame, 'leaf' | 'proof'>,
  findLedger: (origin: string) => LedgerIdentity | undefined,
): VerifiedLeaf {
  const proof = parseProof(entry.proof);
  const origin = claimedOrigin(proof.checkpoint);
  const ledger = findLedger(origin);
  if (!ledger) throw refusal(proof.checkpoint);
  const { index, size, root } = proveBy(proof, entry.leaf, keyOf(ledger), origin);
  const leaf = wire.leaf.decode(entry.leaf);
  checkTime(ledger, leaf.timeMs);
  return { origin, index, size, root, leaf };
}

/**
 * Within the time for which the directory names the log, and the skew that clocks may have. Whoever has the key of a log whose
 * time is over proves nothing new with it, unless it lies about the time.
 */
function checkTime({ validFromMs, validUntilMs }: LedgerIdentity, timeMs: number): void {
  const isEarly = validFromMs !== undefined && timeMs < validFromMs - LIMITS.skewMs;
  if (isEarly || (validUntilMs !== undefined && timeMs >= validUntilMs + LIMITS.skewMs))
    throw new AuditError('log-not-valid', 'The entry is of a time at which its log was not valid.');
}

/** INVARIANT: whose log it is says the signed checkpoint, which has to name this very origin; this only finds the key to verify it with. */
function claimedOrigin(checkpoint: string): string {
  return checkpoint.slice(0, checkpoint.indexOf('\n'));
}

function refusal(checkpoint: string): AuditError {
  parseCheckpoint(parseNote(checkpoint).text);
  return new AuditError('checkpoint-wrong-origin', 'The proof is of a log that is not trusted here.');
}

const keys = new WeakMap<LedgerIdentity, NoteKey>();

/** Importing a key costs more than using it once; the directory's object lives as long as its version. */
function keyOf(ledger: LedgerIdentity): NoteKey {
  const known = keys.get(ledger) ?? parseVkey(ledger.vkey);
  keys.set(ledger, known);
  return known;
}
