import { AuditError } from './error.js';
import { isKeyName, isSignedBy, type NoteKey } from './note-key.js';
import { readBase64, readText } from './read-text.js';

/** A note taken apart. Nothing in it is trustworthy before `openNote` says so. */
export interface Note {
  /** Ends in a newline. These are the bytes that are signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  readonly name: string;
  /** 8 lower-case hexadecimal digits. */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

export interface OpenedNote {
  readonly text: string;
  /** The known keys that signed, each once, however many lines it has. */
  readonly signedBy: readonly NoteKey[];
}

/**
 * Verifies a signed note (C2SP signed-note). Signatures of unknown keys are ignored, as witnesses may add theirs.
 * A known key's signature that fails rejects the note, also beside a good one.
 *
 * @param note UTF-8, at most 1,000,000 bytes and 64 signatures
 * @throws AuditError `too-large`, `note-malformed`, `note-signature-invalid`, `note-unsigned`
 */
export function openNote(note: string | Uint8Array, known: readonly NoteKey[]): OpenedNote {
  const { text, signatures } = parseNote(note);
  const signed = Buffer.from(text);
  const signedBy = new Set<NoteKey>();
  for (const { name, keyId, signature } of signatures) {
    // Ids are four bytes and may collide on purpose: every key that fits must verify.
    for (const key of known.filter((candidate) => candidate.name === name && candidate.id === keyId)) {
      if (!isSignedBy(key, signed, signature)) {
        throw new AuditError('note-signature-invalid', `The signature of ${name} does not hold.`);
      }
      signedBy.add(key);
    }
  }
  if (signedBy.size === 0) {
    throw new AuditError('note-unsigned', 'No known key has signed the note.');
  }
  return { text, signedBy: [...signedBy] };
}

/**
 * Takes a note apart without verifying it (C2SP signed-note).
 *
 * @throws AuditError `too-large`, `note-malformed`
 */
export function parseNote(note: string | Uint8Array): Note {
  const whole = readText(note, MAX_NOTE_BYTES, 'note-malformed');
  // The text may hold empty lines of its own: the last one separates.
  const separator = whole.lastIndexOf('\n\n');
  if (separator === -1 || separator + 2 === whole.length) {
    throw new AuditError('note-malformed', 'The note has no signatures.');
  }
  const lines = whole.slice(separator + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) {
    throw new AuditError('too-large', `The note has more than ${MAX_SIGNATURES} signatures.`);
  }
  return { text: whole.slice(0, separator + 1), signatures: lines.map(parseSignature) };
}

/** The longest note that is read, in bytes: 64 post-quantum signatures and a text fit easily. */
export const MAX_NOTE_BYTES = 1_000_000;

const MAX_SIGNATURES = 64;
const KEY_ID_BYTES = 4;
const SIGNATURE_LINE = /^— ([^ ]+) ([A-Za-z0-9+/=]+)$/;

function parseSignature(line: string): NoteSignature {
  const [, name = '', encoded = ''] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = readBase64(encoded);
  if (!isKeyName(name) || bytes === undefined || bytes.length <= KEY_ID_BYTES) {
    throw new AuditError('note-malformed', 'A signature line is not "— <name> <Base64>".');
  }
  const keyId = bytes.toString('hex', 0, KEY_ID_BYTES);
  return { name, keyId, signature: bytes.subarray(KEY_ID_BYTES) };
}
