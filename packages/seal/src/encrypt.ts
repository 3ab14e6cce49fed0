import { createCipheriv, createDecipheriv } from 'node:crypto';
import { drawBytes, LIMITS, Rejection } from '@entente/contract';
import { agreeContentKey } from './agree-key.js';
import { CONTENT_ENCRYPTION, KEY_AGREEMENT } from './algorithms.js';
import { base64urlLength, base64urlPieces } from './base64url-pieces.js';
import { generatePair } from './generate-pair.js';
import type { Decrypter } from './load-keys.js';
import { parseCompact } from './parse-compact.js';
import { keyObjectOf, type PublicKey } from './public-key.js';

/** Who encrypted what for whom; bound into the key agreement (`apu`, `apv`) and into the protected header (`mid`). */
export interface Parties {
  readonly from: string;
  readonly to: string;
  /** The message's id; for a crossing, its subject. */
  readonly mid: string;
}

const MEMBERS = ['alg', 'enc', 'kid', 'typ', 'mid', 'apu', 'apv', 'epk'];
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * A compact JWE for one recipient, as ASCII bytes (RFC 7516 §7.1, RFC 7518 §4.6 and §5.3): a new key pair for each message, on the
 * calling thread, as the way to the thread pool and back costs more than the work.
 */
export async function encryptFor(
  key: PublicKey,
  plaintext: Uint8Array,
  typ: string,
  parties: Parties,
): Promise<Uint8Array> {
  const theirs = keyObjectOf(key);
  const { publicKey, privateKey } = generatePair(theirs.asymmetricKeyType === 'x25519' ? 'X25519' : 'P-256');
  const { kty, crv, x, y } = publicKey;
  const header = {
    ...{ alg: KEY_AGREEMENT, enc: CONTENT_ENCRYPTION, kid: key.kid, typ, mid: parties.mid },
    ...{ apu: base64url(parties.from), apv: base64url(parties.to) },
    epk: { x, crv, kty, ...(y === undefined ? {} : { y }) },
  };
  const protectedHeader = base64url(JSON.stringify(header));
  const iv = drawBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, agreeContentKey(privateKey, theirs, parties), iv, {
    authTagLength: TAG_BYTES,
  });
  cipher.setAAD(Buffer.from(protectedHeader, 'latin1'));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return joinParts(protectedHeader, [NOTHING, iv, ciphertext, cipher.getAuthTag()]);
}

const NOTHING = Buffer.alloc(0);

function joinParts(first: string, others: readonly Buffer[]): Buffer {
  const length = others.reduce((sum, part) => sum + 1 + base64urlLength(part), first.length);
  const joined = Buffer.allocUnsafe(length);
  let at = joined.write(first, 'latin1');
  for (const part of others) {
    at += joined.write('.', at, 'latin1');
    for (const piece of base64urlPieces(part)) at += joined.write(piece, at, 'latin1');
  }
  return joined;
}

/**
 * Decrypts and compares the parties with those that the signed header names: a body cannot be moved to another message,
 * sender or recipient.
 * @throws Rejection `too-large`, `seal-malformed`, `algorithm-not-allowed`, `recipient-mismatch`, `decryption-failed`
 */
export async function decryptWith(
  decrypters: readonly Decrypter[],
  bytes: Uint8Array,
  typ: string,
  expected: Parties,
  maxBytes: number = LIMITS.body,
): Promise<Uint8Array> {
  const { header, segments, parts } = parseCompact(bytes, { segments: 5, maxBytes, members: MEMBERS });
  if (header.alg !== KEY_AGREEMENT || header.enc !== CONTENT_ENCRYPTION)
    throw new Rejection('algorithm-not-allowed');
  if (header.typ !== typ) throw new Rejection('seal-malformed', `the type is not "${typ}"`);
  const isBetween = header.apu === base64url(expected.from) && header.apv === base64url(expected.to);
  if (header.mid !== expected.mid || !isBetween) throw new Rejection('recipient-mismatch');
  const decrypter = decrypters.find(({ kid }) => kid === header.kid);
  if (!decrypter)
    throw new Rejection(
      'decryption-failed',
      'the content is encrypted to a key that the recipient does not have',
    );
  try {
    return decipher(decrypter.agree(header.epk, expected), segments[0] ?? '', parts);
  } catch (cause) {
    throw new Rejection('decryption-failed', undefined, cause);
  }
}

/** The key is agreed for this message alone, so that nothing is wrapped; and the lengths are the only ones. */
function decipher(key: Uint8Array, protectedHeader: string, parts: readonly Buffer[]): Buffer {
  const [, wrappedKey, iv, ciphertext, tag] = parts;
  if (wrappedKey?.length !== 0 || iv?.length !== IV_BYTES || tag?.length !== TAG_BYTES || !ciphertext)
    throw new Error('a part of the compact form does not have its length');
  const opened = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  opened.setAAD(Buffer.from(protectedHeader, 'latin1'));
  opened.setAuthTag(tag);
  // INVARIANT: nothing is handed out before `final` has compared the tag.
  return Buffer.concat([opened.update(ciphertext), opened.final()]);
}

function base64url(value: string | Uint8Array): string {
  return (
    typeof value === 'string'
      ? Buffer.from(value)
      : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  ).toString('base64url');
}
