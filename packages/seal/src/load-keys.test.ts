import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CURVES, SIGNATURE_ALGORITHMS } from './algorithms.js';
import { codeOf } from './fixture/code-of.js';
import { generateKey, publicJwk } from './generate-key.js';
import { writeKeyFile } from './key-file.js';
import { createSigner, loadDecrypter, loadSigner } from './load-keys.js';
import { importPublicKey } from './public-key.js';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entente-load-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function fileOf(jwk: JWK): Promise<string> {
  const path = join(folder, `${++count}.json`);
  await writeKeyFile(path, jwk);
  return path;
}

const statedOf = ({ kid = '', use = '', alg = '' }: JWK) => ({ kid, use, alg });
const importOf = (jwk: object, stated: { kid: string; use: string; alg: string }) =>
  codeOf(() => importPublicKey(JSON.stringify(jwk), stated));

describe('a new key', () => {
  test.each([...SIGNATURE_ALGORITHMS, ...CURVES])(
    '%s says its use, its algorithm and its thumbprint',
    async (kind) => {
      const jwk = await generateKey(kind);
      const isForSignatures = (SIGNATURE_ALGORITHMS as readonly string[]).includes(kind);
      expect(jwk).toMatchObject(isForSignatures ? { use: 'sig', alg: kind } : { use: 'enc', alg: 'ECDH-ES' });
      expect(jwk.kid).toBe(await calculateJwkThumbprint(publicJwk(jwk)));
      expect((await generateKey(kind)).kid).not.toBe(jwk.kid);
    },
  );
});

describe('a signer', () => {
  test('signs bare bytes with Ed25519', async () => {
    const signer = await loadSigner(await fileOf(await generateKey('Ed25519')));
    const bytes = Buffer.from('a note');
    const key = createPublicKey({ key: signer.publicJwk as JsonWebKey, format: 'jwk' });
    const signature = signer.signBytes(bytes);
    expect(signature).toHaveLength(64);
    expect(verify(null, bytes, key, signature)).toBe(true);
    expect(verify(null, Buffer.from('a nota'), key, signature)).toBe(false);
  });

  test('does not sign bare bytes with ES256', async () => {
    const signer = await loadSigner(await fileOf(await generateKey('ES256')));
    expect(await codeOf(() => signer.signBytes(Buffer.from('a note')))).toBe('key-use');
  });

  test('signs under a header with three members', async () => {
    const signer = await createSigner(await generateKey('ES256'));
    const [header = ''] = (await signer.signCompact(Buffer.from('x'), 't')).split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'ES256',
      kid: signer.kid,
      typ: 't',
    });
  });

  test.each([
    ['a key for encryption', { use: 'enc' }, 'key-use'],
    ['a key of no use', { use: undefined }, 'key-use'],
    ['an algorithm that is not allowed', { alg: 'EdDSA' }, 'key-use'],
    ['no algorithm', { alg: undefined }, 'key-use'],
    ['the algorithm of another curve', { alg: 'ES256' }, 'key-file-malformed'],
    ['half a key', { d: 'AAAA' }, 'key-file-malformed'],
  ])('is not made of %s', async (_, change, code) => {
    const jwk = { ...(await generateKey('Ed25519')), ...change } as JWK;
    expect(await codeOf(() => createSigner(jwk))).toBe(code);
    expect(await codeOf(async () => loadSigner(await fileOf(jwk)))).toBe(code);
  });
});

describe('a decrypter', () => {
  test.each([
    ['a key for signatures', 'Ed25519', {}, 'key-use'],
    ['a key for signatures on P-256', 'ES256', {}, 'key-use'],
    ['a key for signatures that says otherwise', 'Ed25519', { use: 'enc' }, 'key-file-malformed'],
    ['half a key', 'X25519', { d: 'AAAA' }, 'key-file-malformed'],
    ['a point that is not on its curve', 'P-256', { x: 'A'.repeat(43) }, 'key-file-malformed'],
  ] as const)('is not made of %s', async (_, kind, change, code) => {
    const jwk = { ...(await generateKey(kind)), ...change };
    expect(await codeOf(async () => loadDecrypter(await fileOf(jwk)))).toBe(code);
  });
});

describe('importPublicKey', () => {
  test.each([...SIGNATURE_ALGORITHMS, ...CURVES])(
    'takes a key for %s, which cannot do anything else',
    async (kind) => {
      const jwk = await generateKey(kind);
      const key = await importPublicKey(JSON.stringify(publicJwk(jwk)), statedOf(jwk));
      expect(key).toMatchObject(statedOf(jwk));
      expect(key.key.type).toBe('public');
      expect(key.key.usages).toEqual(jwk.use === 'sig' ? ['verify'] : []);
    },
  );

  test('takes a key that does not say its own use', async () => {
    const jwk = await generateKey('Ed25519');
    const { kty, crv, x } = jwk;
    expect(await importOf({ kty, crv, x }, statedOf(jwk))).toBe('accepted');
  });

  test('refuses a private key, which must never stand there', async () => {
    for (const kind of [...SIGNATURE_ALGORITHMS, ...CURVES]) {
      const jwk = await generateKey(kind);
      expect(await importOf(jwk, statedOf(jwk))).toBe('key-use');
      expect(await importOf({ ...jwk, d: '' }, statedOf(jwk))).toBe('key-use');
    }
  });

  test('refuses a kid that is not the thumbprint', async () => {
    const [jwk, other] = [await generateKey('Ed25519'), await generateKey('Ed25519')];
    for (const kid of ['', 'k', other.kid ?? '', `${jwk.kid}=`, `${jwk.kid}\0`, '../key', '__proto__']) {
      expect(await importOf(publicJwk(jwk), { ...statedOf(jwk), kid })).toBe('key-malformed');
    }
  });

  test.each([
    ['Ed25519', 'enc', 'ECDH-ES'],
    ['Ed25519', 'enc', 'Ed25519'],
    ['Ed25519', 'sig', 'ES256'],
    ['Ed25519', 'sig', 'EdDSA'],
    ['Ed25519', 'sig', 'constructor'],
    ['Ed25519', '', 'Ed25519'],
    ['Ed25519', 'SIG', 'Ed25519'],
    ['ES256', 'sig', 'Ed25519'],
    ['ES256', 'enc', 'ECDH-ES'],
    ['ES256', 'enc', 'ES256'],
    ['X25519', 'sig', 'Ed25519'],
    ['X25519', 'enc', 'ECDH-ES+A256KW'],
    ['P-256', 'sig', 'ES256'],
    ['P-256', 'sig', 'ECDH-ES'],
  ] as const)('refuses a key for %s stated as "%s" with "%s"', async (kind, use, alg) => {
    const jwk = publicJwk(await generateKey(kind));
    expect(await importOf(jwk, { kid: jwk.kid ?? '', use, alg })).toBe('key-use');
  });

  test('refuses a signature algorithm on a curve that is not its own, even if the key does not object', async () => {
    const { kty, crv, x } = await generateKey('X25519');
    const kid = await calculateJwkThumbprint({ kty, crv, x } as JWK);
    expect(await importOf({ kty, crv, x }, { kid, use: 'sig', alg: 'Ed25519' })).toBe('key-use');
  });

  test.each(['RS256', 'ES384'])('refuses a key for %s', async (alg) => {
    const jwk = await exportJWK((await generateKeyPair(alg, { extractable: true })).publicKey);
    const kid = await calculateJwkThumbprint(jwk);
    expect(await importOf(jwk, { kid, use: 'sig', alg })).toBe('key-use');
    expect(await importOf(jwk, { kid, use: 'sig', alg: 'ES256' })).toBe('key-use');
    expect(await importOf(jwk, { kid, use: 'enc', alg: 'ECDH-ES' })).toBe('key-use');
  });

  test('refuses a secret that is no key pair', async () => {
    const jwk = { kty: 'oct', k: 'AAAA' };
    const kid = await calculateJwkThumbprint(jwk as JWK);
    expect(await importOf(jwk, { kid, use: 'sig', alg: 'HS256' })).toBe('key-use');
  });

  test.each([
    ['no JSON', 'not JSON'],
    ['nothing', ''],
    ['null', 'null'],
    ['text', '"d"'],
    ['a number', '1'],
    ['a list', '[]'],
    ['an empty object', '{}'],
    ['no coordinates', '{"kty":"OKP","crv":"Ed25519"}'],
    ['coordinates that are numbers', '{"kty":"OKP","crv":"Ed25519","x":1}'],
  ])('refuses %s', async (_, text) => {
    const stated = { kid: 'k', use: 'sig', alg: 'Ed25519' };
    expect(await codeOf(() => importPublicKey(text, stated))).toBe('key-malformed');
  });

  test.each([
    ['a coordinate of 31 bytes', 'sig', 'Ed25519', { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(42) }],
    [
      'a point that is not on P-256',
      'sig',
      'ES256',
      { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) },
    ],
    ['an X25519 key of 3 bytes', 'enc', 'ECDH-ES', { kty: 'OKP', crv: 'X25519', x: 'AAAA' }],
  ])('refuses %s, under its right thumbprint', async (_, use, alg, jwk) => {
    const kid = await calculateJwkThumbprint(jwk as JWK);
    expect(await importOf(jwk, { kid, use, alg })).toBe('key-malformed');
  });
});
