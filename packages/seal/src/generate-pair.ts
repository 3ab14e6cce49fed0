import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { Curve, SignatureAlgorithm } from './algorithms.js';

export type KeyKind = SignatureAlgorithm | Curve;

/** A new key pair, made on the calling thread: its public half as a JWK. */
export function generatePair(kind: KeyKind): { publicKey: JsonWebKey; privateKey: KeyObject } {
  return generate(kind, { publicKeyEncoding: JWK }) as { publicKey: JsonWebKey; privateKey: KeyObject };
}

/** A new key pair as a private JWK. */
export function generatePrivateJwk(kind: KeyKind): JsonWebKey {
  return generate(kind, { publicKeyEncoding: JWK, privateKeyEncoding: JWK }).privateKey as JsonWebKey;
}

const JWK = { format: 'jwk' };

/**
 * INVARIANT: what is to be read of a key is written while it is generated, and no generated key is exported afterwards. In Node 20 a
 * key has one lock in common with what generated it. An export to a JWK holds that lock while it makes strings: if garbage is
 * collected at this moment, and what generated the key is among it, the thread waits for a lock that it holds itself, for ever. Such
 * a process writes no line any more and does not hear SIGTERM.
 */
function generate(kind: KeyKind, encoding: object): { publicKey: unknown; privateKey: unknown } {
  return kind === 'X25519' || kind === 'Ed25519'
    ? generateOf(kind.toLowerCase(), encoding)
    : generateOf('ec', { namedCurve: 'P-256', ...encoding });
}

/** Its types know of no JWK here, which Node takes since 15.9. */
const generateOf = generateKeyPairSync as unknown as (
  type: string,
  options: object,
) => { publicKey: unknown; privateKey: unknown };
