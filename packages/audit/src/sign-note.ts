import { AuditError } from './error.js';
import { type NoteSignature, parseNote } from './note.js';
import { isSignedBy, type NoteKey } from './note-key.js';

/** A key and the way to sign with it: the private half may lie in an HSM. */
export interface NoteSigner {
  readonly key: NoteKey;
  /** Ed25519 (RFC 8032) over the bytes, 64 bytes. */
  readonly sign: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/**
 * Signs a text as a note (C2SP signed-note). Each signature is verified before it leaves: a signer with the wrong
 * key, or a faulty one, must not publish a note that nobody can open.
 *
 * @param text ends in a newline, without other control characters
 * @returns the whole note
 * @throws AuditError `note-malformed`, `too-large`, `signer-failed` (the signer's own error is its cause)
 */
export async function signNote(text: string, signers: readonly NoteSigner[]): Promise<string> {
  const signatures = await Promise.all(signers.map((signer) => signWith(signer, Buffer.from(text))));
  return formatNote(text, signatures);
}

/**
 * Puts a note together from a text and its signatures: also to add a witness's line to a signed note.
 *
 * @throws AuditError `note-malformed`, `too-large`
 */
export function formatNote(text: string, signatures: readonly NoteSignature[]): string {
  const lines = signatures.map(({ name, keyId, signature }) => {
    const encoded = Buffer.concat([Buffer.from(keyId, 'hex'), signature]).toString('base64');
    return `— ${name} ${encoded}\n`;
  });
  const note = `${text}\n${lines.join('')}`;
  if (parseNote(note).text !== text) {
    throw new AuditError('note-malformed', 'The text would not be read back as it is.');
  }
  return note;
}

async function signWith({ key, sign }: NoteSigner, bytes: Uint8Array): Promise<NoteSignature> {
  const signature = await callSigner(key, sign, bytes);
  if (!isSignedBy(key, bytes, signature)) {
    throw new AuditError('signer-failed', `The signer of ${key.name} gave a signature that does not hold.`);
  }
  return { name: key.name, keyId: key.id, signature };
}

async function callSigner(key: NoteKey, sign: NoteSigner['sign'], bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return await sign(bytes);
  } catch (cause) {
    throw new AuditError('signer-failed', `The signer of ${key.name} failed.`, cause);
  }
}
