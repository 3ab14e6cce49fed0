import { AuditError } from './error.js';
import { HASH_BYTES } from './merkle.js';
import { type NoteSignature, parseNote } from './note.js';
import { readBase64, readDecimal, readText } from './read-text.js';
import { formatNote } from './sign-note.js';

/** What a log asks of a witness (C2SP tlog-witness). Nothing in it is trustworthy. */
export interface AddCheckpoint {
  /** Of the largest tree that the witness has cosigned, as far as the log knows. */
  readonly oldSize: number;
  /** 32 bytes each, from `oldSize` to the checkpoint's size. */
  readonly proof: readonly Uint8Array[];
  /** The signed checkpoint. */
  readonly note: string;
}

/** The longest request that is read, in bytes: sixteen post-quantum signatures and a proof fit. */
export const MAX_REQUEST_BYTES = 128 * 1024;

/** @throws AuditError `too-large`, `request-malformed` if it would not be read back */
export function formatAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): string {
  const hashes = proof.map((hash) => Buffer.from(hash).toString('base64'));
  const request = `${[`old ${oldSize}`, ...hashes].join('\n')}\n\n${note}`;
  parseAddCheckpoint(request);
  return request;
}

/**
 * Reads a request, unverified; the checkpoint in it is not looked at (C2SP tlog-witness).
 * @throws AuditError `too-large`, `request-malformed`
 */
export function parseAddCheckpoint(request: string | Uint8Array): AddCheckpoint {
  const text = readText(request, MAX_REQUEST_BYTES, 'request-malformed');
  const end = text.indexOf('\n\n');
  if (end === -1) throw malformed('it has no empty line before the checkpoint');
  // Whoever asks may send fifty thousand lines: one more than can be right is enough to see.
  const [first = '', ...lines] = text.slice(0, end).split('\n', 1 + MAX_HASHES + 1);
  const oldSize = first.startsWith(OLD) ? readDecimal(first.slice(OLD.length)) : undefined;
  if (oldSize === undefined) throw malformed('it does not begin with "old <size>"');
  if (lines.length > MAX_HASHES) throw malformed(`its proof has more than ${MAX_HASHES} hashes`);
  return { oldSize, proof: lines.map(readHash), note: text.slice(end + 2) };
}

/** A witness's answer: signature lines only. @throws AuditError `too-large`, `note-malformed` */
export function formatCosignatureLines(text: string, signatures: readonly NoteSignature[]): string {
  return formatNote(text, signatures).slice(text.length + 1);
}

/** @throws AuditError `too-large`, `note-malformed` */
export function parseCosignatureLines(text: string, lines: string): readonly NoteSignature[] {
  return parseNote(`${text}\n${lines}`).signatures;
}

const OLD = 'old ';
const MAX_HASHES = 63;

function readHash(line: string): Buffer {
  const hash = readBase64(line);
  if (hash?.length !== HASH_BYTES) throw malformed('a line of its proof is not a hash');
  return hash;
}

function malformed(reason: string): AuditError {
  return new AuditError('request-malformed', `The request cannot be read: ${reason}.`);
}
