import { KeyObject, type webcrypto } from 'node:crypto';
import { type CryptoKey, calculateJwkThumbprint, importJWK, type JWK } from 'jose';
import { CURVES, KEY_AGREEMENT, SIGNATURE_ALGORITHMS } from './algorithms.js';
import { SealError } from './error.js';

/** A key of the directory, ready for use. One key has one use and one algorithm. */
export interface PublicKey {
  readonly kid: string;
  readonly use: 'sig' | 'enc';
  readonly alg: string;
  readonly key: CryptoKey;
}

const keyObjects = new WeakMap<PublicKey, KeyObject>();

/** The same key as `node:crypto` takes it; made once. */
export function keyObjectOf(key: PublicKey): KeyObject {
  const known = keyObjects.get(key) ?? KeyObject.from(key.key as webcrypto.CryptoKey);
  keyObjects.set(key, known);
  return known;
}

/**
 * Imports a public JWK for the one use that the directory states. `importJWK` forgets `use` and `alg`, so they are checked here.
 * @throws SealError `key-use`, `key-malformed`
 */
export async function importPublicKey(
  jwkText: string,
  stated: { kid: string; use: string; alg: string },
): Promise<PublicKey> {
  const jwk = parse(jwkText);
  if ('d' in jwk)
    throw new SealError(
      'key-use',
      `key ${stated.kid}: a private key must never stand in a directory. Revoke it now.`,
    );
  if (![undefined, stated.use].includes(jwk.use) || ![undefined, stated.alg].includes(jwk.alg)) {
    throw new SealError(
      'key-use',
      `key ${stated.kid}: the directory states another use than the key itself.`,
    );
  }
  if ((await thumbprint(jwk)) !== stated.kid) {
    throw new SealError('key-malformed', `key ${stated.kid}: the kid is not the thumbprint of the key.`);
  }
  if (stated.use === 'sig' && isSignatureKey(jwk, stated.alg)) return await importFor('sig', jwk, stated);
  if (stated.use === 'enc' && isEncryptionKey(jwk, stated.alg)) return await importFor('enc', jwk, stated);
  throw new SealError(
    'key-use',
    `key ${stated.kid}: "${stated.use}" with "${stated.alg}" is not a use that we know.`,
  );
}

function isSignatureKey(jwk: JWK, alg: string): boolean {
  const curve = { Ed25519: 'Ed25519', ES256: 'P-256' }[alg];
  return (SIGNATURE_ALGORITHMS as readonly string[]).includes(alg) && jwk.crv === curve;
}

function isEncryptionKey(jwk: JWK, alg: string): boolean {
  return alg === KEY_AGREEMENT && (CURVES as readonly unknown[]).includes(jwk.crv);
}

async function importFor(
  use: 'sig' | 'enc',
  jwk: JWK,
  { kid, alg }: { kid: string; alg: string },
): Promise<PublicKey> {
  try {
    return { kid, use, alg, key: (await importJWK(jwk, alg)) as CryptoKey };
  } catch (cause) {
    throw new SealError('key-malformed', `key ${kid} is no key of its curve`, cause);
  }
}

function parse(text: string): JWK {
  const jwk = parseJson(text);
  if (typeof jwk !== 'object' || jwk === null)
    throw new SealError('key-malformed', 'a public key is not a JWK');
  return jwk;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SealError('key-malformed', 'a public key is not JSON', cause);
  }
}

async function thumbprint(jwk: JWK): Promise<string> {
  return await calculateJwkThumbprint(jwk).catch((cause: unknown) => {
    throw new SealError('key-malformed', 'a public key is not a JWK', cause);
  });
}
