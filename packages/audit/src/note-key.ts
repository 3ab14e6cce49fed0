import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { AuditError } from './error.js';
import { readBase64 } from './read-text.js';

/** An Ed25519 key that signs notes. Its name and id together say which key made a signature. */
export interface NoteKey {
  readonly name: string;
  /** 8 lower-case hexadecimal digits. */
  readonly id: string;
  readonly publicKey: KeyObject;
}

/**
 * Reads a log's verifier key, `<name>+<id>+<base64(type ‖ key)>` (C2SP signed-note). Parse once, where keys enter.
 *
 * Only type 0x01, Ed25519: every further algorithm would be one more to attack. Keys of small order are refused,
 * because under them anybody can sign, and their owner could disown any checkpoint.
 *
 * @throws AuditError `key-malformed`
 */
export function parseVkey(vkey: string): NoteKey {
  return readVkey(vkey, KEY_TYPE.log);
}

/**
 * Writes a log's verifier key (C2SP signed-note).
 *
 * @param name without Unicode spaces and plus signs; best a URL without its scheme
 * @param publicKey Ed25519, the 32 bytes of RFC 8032
 * @throws AuditError `key-malformed`
 */
export function formatVkey(name: string, publicKey: Uint8Array): string {
  return writeVkey(name, KEY_TYPE.log, publicKey);
}

/** What a key signs: notes as they are (C2SP signed-note), or cosignatures (C2SP tlog-cosignature). Both are Ed25519. */
export const KEY_TYPE = Object.freeze({ log: 0x01, witness: 0x04 });

/** @throws AuditError `key-malformed`, also if the key is of another type */
export function readVkey(vkey: string, type: number): NoteKey {
  // The Base64 part may itself hold a plus sign: only the first two separate.
  const [, name = '', id = '', encoded = ''] = VKEY.exec(vkey) ?? [];
  const bytes = readBase64(encoded);
  if (!isKeyName(name) || bytes?.length !== 1 + KEY_BYTES || bytes[0] !== type) {
    throw new AuditError('key-malformed', 'The verifier key is not <name>+<id>+<Ed25519 key> of its kind.');
  }
  const raw = bytes.subarray(1);
  if (id !== keyId(name, type, raw)) {
    throw new AuditError('key-malformed', 'The verifier key has the id of another key.');
  }
  if (isWeak(raw)) {
    throw new AuditError('key-malformed', 'The verifier key is of small order or not in canonical form.');
  }
  return { name, id, publicKey: importKey(raw) };
}

/** @throws AuditError `key-malformed` if it would not be read back */
export function writeVkey(name: string, type: number, publicKey: Uint8Array): string {
  const encoded = Buffer.concat([Buffer.of(type), publicKey]).toString('base64');
  const vkey = `${name}+${keyId(name, type, publicKey)}+${encoded}`;
  readVkey(vkey, type);
  return vkey;
}

/** Whether the key made this signature over exactly these bytes. */
export function isSignedBy(key: NoteKey, signed: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === SIGNATURE_BYTES && verify(null, signed, key.publicKey, signature);
}

/** Two names for one key are one signer. */
export function isSameKey(a: NoteKey, b: NoteKey): boolean {
  return a.publicKey.equals(b.publicKey);
}

/** Key names are non-empty, without Unicode spaces, plus signs and control characters (C2SP signed-note). */
export function isKeyName(name: string): boolean {
  return NAME.test(name);
}

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const VKEY = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/;
const NAME = /^[^\p{White_Space}\p{Control}\p{Surrogate}+]+$/u;

function keyId(name: string, type: number, publicKey: Uint8Array): string {
  const input = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), publicKey]);
  return createHash('sha256').update(input).digest('hex').slice(0, 8);
}

function importKey(raw: Buffer): KeyObject {
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
    format: 'jwk',
  });
}

/** OpenSSL checks neither. The y of a point tells: its x only adds the sign, which is the last byte's top bit. */
function isWeak(raw: Buffer): boolean {
  const y = Buffer.from(raw);
  y.writeUInt8((y[KEY_BYTES - 1] ?? 0) & 0x7f, KEY_BYTES - 1);
  const value = BigInt(`0x${y.reverse().toString('hex')}`);
  return value >= FIELD || SMALL_ORDER_Y.has(value);
}

// The field of Curve25519, and the y of its eight points whose order divides 8 (RFC 8032 §5.1; orders 1, 2, 4, 8, 8).
const FIELD = 2n ** 255n - 19n;
const ORDER_8_Y = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([1n, FIELD - 1n, 0n, ORDER_8_Y, FIELD - ORDER_8_Y]);
