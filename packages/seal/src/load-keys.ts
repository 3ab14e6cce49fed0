import { createPrivateKey, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { importJWK, type JWK } from 'jose';
import { agreeContentKey, readEpk } from './agree-key.js';
import { type Curve, KEY_AGREEMENT, SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from './algorithms.js';
import { SealError } from './error.js';
import { publicJwk } from './generate-key.js';
import { readKeyFile } from './key-file.js';

/** Signs; the private key stays inside. */
export interface Signer {
  readonly kid: string;
  readonly alg: SignatureAlgorithm;
  readonly publicJwk: JWK;
  /** A compact JWS over these bytes with the header `{alg, kid, typ}`. */
  readonly signCompact: (payload: Uint8Array, typ: string) => Promise<string>;
  /** A bare Ed25519 signature, for C2SP notes. */
  readonly signBytes: (bytes: Uint8Array) => Uint8Array;
}

/** Decrypts; the private key stays inside. */
export interface Decrypter {
  readonly kid: string;
  readonly publicJwk: JWK;
  /**
   * The content key of one message, from the sender's half in its header (`epk`).
   * @throws Error if that is no half for this key
   */
  readonly agree: (epk: unknown, between: { readonly from: string; readonly to: string }) => Uint8Array;
}

/** @throws SealError, all of them about the file */
export async function loadSigner(path: string): Promise<Signer> {
  return await createSigner(await readKeyFile(path), path);
}

/** @throws SealError, all of them about the file */
export async function loadDecrypter(path: string): Promise<Decrypter> {
  const jwk = await readKeyFile(path);
  if (jwk.use !== 'enc')
    throw new SealError('key-use', `${path} is not a key for decryption (use is "${jwk.use}").`);
  const key = await importPrivate(jwk, KEY_AGREEMENT, path);
  return {
    kid: jwk.kid ?? '',
    publicJwk: publicJwk(jwk),
    agree: (epk, between) => agreeContentKey(key, readEpk(epk, jwk.crv as Curve), between),
  };
}

/** For keys that are in memory already: new ones, and tests. */
export async function createSigner(jwk: JWK, name = 'the key'): Promise<Signer> {
  const alg = SIGNATURE_ALGORITHMS.find((known) => known === jwk.alg);
  if (jwk.use !== 'sig' || !alg)
    throw new SealError('key-use', `${name} is not a key for signatures (use is "${jwk.use}").`);
  const key = await importPrivate(jwk, alg, name);
  const kid = jwk.kid ?? '';
  const digest = alg === 'ES256' ? 'sha256' : null;
  return {
    kid,
    alg,
    publicJwk: publicJwk(jwk),
    signCompact: async (payload, typ) => {
      const input = `${base64url(JSON.stringify({ alg, kid, typ }))}.${base64url(payload)}`;
      const signature = sign(digest, Buffer.from(input, 'latin1'), { key, dsaEncoding: 'ieee-p1363' });
      return `${input}.${signature.toString('base64url')}`;
    },
    signBytes: (bytes) => {
      if (alg !== 'Ed25519')
        throw new SealError('key-use', `${name} cannot sign a log: its algorithm is ${alg}, not Ed25519.`);
      return sign(null, bytes, key);
    },
  };
}

/** Imported twice: jose checks that the key is one for this algorithm, and that its halves belong together. */
async function importPrivate(jwk: JWK, alg: string, name: string): Promise<KeyObject> {
  try {
    await importJWK(jwk, alg, { extractable: false });
    return createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' });
  } catch (cause) {
    throw new SealError('key-file-malformed', `${name} is not a key for ${alg}.`, cause);
  }
}

function base64url(value: string | Uint8Array): string {
  return Buffer.from(value).toString('base64url');
}
