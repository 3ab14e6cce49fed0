import { createHash, createPublicKey, diffieHellman, type JsonWebKey, type KeyObject } from 'node:crypto';
import { CONTENT_ENCRYPTION, type Curve } from './algorithms.js';

/**
 * The content key of `ECDH-ES` with `A256GCM` (RFC 7518 §4.6.2): one round of the Concat KDF over the shared secret.
 *
 * @throws Error if the two are not on one curve, or the secret is all zeros: whoever sends a point of small order knows it
 *   without any key (RFC 7748 §6.1). OpenSSL refuses to derive it.
 */
export function agreeContentKey(
  ownPrivate: KeyObject,
  theirPublic: KeyObject,
  { from, to }: { readonly from: string; readonly to: string },
): Buffer {
  return createHash('sha256')
    .update(ROUND)
    .update(diffieHellman({ privateKey: ownPrivate, publicKey: theirPublic }))
    .update(ALGORITHM)
    .update(withLength(Buffer.from(from)))
    .update(withLength(Buffer.from(to)))
    .update(KEY_BITS)
    .digest();
}

/**
 * Reads the sender's half for one message. An attacker controls every byte of it: no member but those of a public key on this
 * curve, and a point that is on it.
 * @throws Error
 */
export function readEpk(epk: unknown, curve: Curve): KeyObject {
  const { kty, members } = FORM[curve];
  const key = typeof epk === 'object' && epk !== null ? (epk as Record<string, unknown>) : {};
  const isForm = Object.keys(key).sort().join() === members && key.kty === kty && key.crv === curve;
  const coordinates = [key.x, ...(kty === 'EC' ? [key.y] : [])];
  if (!isForm || !coordinates.every((one) => typeof one === 'string' && COORDINATE.test(one)))
    throw new Error(`"epk" is not a public key on ${curve}`);
  return createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
}

const FORM = {
  X25519: { kty: 'OKP', members: 'crv,kty,x' },
  'P-256': { kty: 'EC', members: 'crv,kty,x,y' },
} as const;
/** 32 bytes in base64url. */
const COORDINATE = /^[A-Za-z0-9_-]{43}$/;

const ROUND = numberOf(1);
const KEY_BITS = numberOf(256);
const ALGORITHM = withLength(Buffer.from(CONTENT_ENCRYPTION));

function withLength(bytes: Uint8Array): Buffer {
  return Buffer.concat([numberOf(bytes.length), bytes]);
}

function numberOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
