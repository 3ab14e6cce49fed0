import { verify } from 'node:crypto';
import { parseCheckpoint } from './checkpoint.js';
import { AuditError } from './error.js';
import { type NoteSignature, parseNote } from './note.js';
import type { WitnessKey } from './witness-key.js';

/** A witness says: at this time, the largest tree that I have seen of this log was this one, and it continues all others. */
export interface Cosignature {
  readonly witness: WitnessKey;
  /** By the witness's own clock, to the second. */
  readonly timeMs: number;
}

/** A witness's key and the way to sign with it. */
export interface Cosigner {
  readonly key: WitnessKey;
  /** Ed25519 (RFC 8032) over the bytes, 64 bytes. */
  readonly sign: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/**
 * Cosigns a checkpoint (C2SP tlog-cosignature, `cosignature/v1`).
 *
 * INVARIANT: whoever calls this has recorded the checkpoint as its largest of this log, and for no other root of this size.
 *
 * @param text the checkpoint's note text
 * @throws AuditError `checkpoint-malformed`, `signer-failed`
 */
export async function cosign(text: string, { key, sign }: Cosigner, timeMs: number): Promise<NoteSignature> {
  parseCheckpoint(text);
  const seconds = Math.floor(timeMs / 1000);
  const message = messageOf(text, seconds);
  const signature = await sign(message);
  // A faulty signer must not hand out a line that makes others refuse the whole checkpoint.
  if (!isSigned(key, message, signature)) {
    throw new AuditError('signer-failed', `The signer of ${key.name} gave a signature that does not hold.`);
  }
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(seconds));
  return { name: key.name, keyId: key.id, signature: Buffer.concat([time, signature]) };
}

/**
 * The known witnesses that have cosigned a checkpoint, each once. Lines of unknown keys are ignored (C2SP signed-note). Whether the
 * log itself has signed is another question: ask `openCheckpoint`.
 *
 * @throws AuditError `too-large`, `note-malformed`, `checkpoint-malformed`; `cosignature-invalid` if a line of a known
 *   witness does not hold, also beside a good one
 */
export function readCosignatures(note: string | Uint8Array, known: readonly WitnessKey[]): Cosignature[] {
  const { text, signatures } = parseNote(note);
  parseCheckpoint(text);
  const times = new Map<WitnessKey, number>();
  for (const { name, keyId, signature } of signatures) {
    for (const witness of known.filter((key) => key.name === name && key.id === keyId)) {
      const timeMs = timeOf(text, witness, signature);
      // Of two statements the earlier one says more: so early it had seen this tree.
      times.set(witness, Math.min(timeMs, times.get(witness) ?? timeMs));
    }
  }
  return [...times].map(([witness, timeMs]) => ({ witness, timeMs }));
}

const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;
// What a Date can hold, and far below the 2^63 of C2SP.
const LAST_SECOND = 8_640_000_000_000n;

function timeOf(text: string, witness: WitnessKey, signature: Uint8Array): number {
  const bytes = Buffer.from(signature);
  const seconds = bytes.length === TIME_BYTES + SIGNATURE_BYTES ? bytes.readBigUInt64BE() : LAST_SECOND + 1n;
  if (
    seconds > LAST_SECOND ||
    !isSigned(witness, messageOf(text, Number(seconds)), bytes.subarray(TIME_BYTES))
  ) {
    throw new AuditError('cosignature-invalid', `The cosignature of ${witness.name} does not hold.`);
  }
  return Number(seconds) * 1000;
}

function messageOf(text: string, seconds: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);
}

function isSigned({ cosigning }: WitnessKey, message: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === SIGNATURE_BYTES && verify(null, message, cosigning, signature);
}
