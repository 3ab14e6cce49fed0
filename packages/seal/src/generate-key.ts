import { calculateJwkThumbprint, type JWK } from 'jose';
import { generatePrivateJwk, type KeyKind } from './generate-pair.js';

export type KeyUse = 'sig' | 'enc';

/** A new key pair as a private JWK with `kid` (RFC 7638 thumbprint), `use` and `alg`. Write it with `writeKeyFile`, and to no other place. */
export async function generateKey(kind: KeyKind): Promise<JWK> {
  const use: KeyUse = kind === 'X25519' || kind === 'P-256' ? 'enc' : 'sig';
  const jwk = generatePrivateJwk(kind) as JWK;
  const alg = use === 'enc' ? 'ECDH-ES' : kind;
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), use, alg };
}

const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'kid', 'use', 'alg'];

/** The public half, as it may stand in a directory: what is known to be public, and nothing else that a file may hold. */
export function publicJwk(jwk: JWK): JWK {
  return Object.fromEntries(Object.entries(jwk).filter(([member]) => PUBLIC_MEMBERS.includes(member))) as JWK;
}
