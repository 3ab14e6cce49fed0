import { createPrivateKey, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { CompactSign, type CryptoKey, importJWK, type JWK } from 'jose';
import { KEY_AGREEMENT, SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from './algorithms.js';
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
  readonly key: CryptoKey;
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
  return { kid: jwk.kid ?? '', publicJwk: publicJwk(jwk), key };
}

/** For keys that are in memory already: new ones, and tests. */
export async function createSigner(jwk: JWK, name = 'the key'): Promise<Signer> {
  const alg = SIGNATURE_ALGORITHMS.find((known) => known === jwk.alg);
  if (jwk.use !== 'sig' || !alg)
    throw new SealError('key-use', `${name} is not a key for signatures (use is "${jwk.use}").`);
  const key = await importPrivate(jwk, alg, name);
  const kid = jwk.kid ?? '';
  let bare: KeyObject | undefined;
  return {
    kid,
    alg,
    publicJwk: publicJwk(jwk),
    signCompact: async (payload, typ) =>
      await new CompactSign(payload).setProtectedHeader({ alg, kid, typ }).sign(key),
    signBytes: (bytes) => {
      if (alg !== 'Ed25519')
        throw new SealError('key-use', `${name} cannot sign a log: its algorithm is ${alg}, not Ed25519.`);
      bare ??= createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' });
      return sign(null, bytes, bare);
    },
  };
}

async function importPrivate(jwk: JWK, alg: string, name: string): Promise<CryptoKey> {
  try {
    return (await importJWK(jwk, alg, { extractable: false })) as CryptoKey;
  } catch (cause) {
    throw new SealError('key-file-malformed', `${name} is not a key for ${alg}.`, cause);
  }
}
