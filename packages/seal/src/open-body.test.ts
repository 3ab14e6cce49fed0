import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { CompactEncrypt, type JWK } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { CURVES } from './algorithms.js';
import { encryptFor } from './encrypt.js';
import { codeOf } from './fixture/code-of.js';
import { base64url, forgeJwe } from './fixture/forge.js';
import { PARTIES, PLAINTEXT, SALT, SEALED, sealedFor } from './fixture/sealed-content.js';
import { type TestRecipient, testRecipient } from './fixture/test-keys.js';
import { CONTENT, DRAFT } from './fixture/test-message.js';
import { publicJwk } from './generate-key.js';
import { openBody } from './open-body.js';
import { BODY_TYPE } from './seal-message.js';

describe.each(CURVES)('with a key on %s', (curve) => {
  let recipient: TestRecipient;
  let stranger: TestRecipient;
  let good: Buffer;
  beforeAll(async () => {
    [recipient, stranger] = [await testRecipient(curve), await testRecipient(curve)];
    good = Buffer.from(await encryptFor(recipient.key, PLAINTEXT, BODY_TYPE, PARTIES));
  });

  const open = (body: string | Uint8Array, sealed = SEALED, at = recipient) =>
    codeOf(() => openBody(sealed, typeof body === 'string' ? Buffer.from(body) : body, [at.decrypter]));
  const headerOf = () => JSON.parse(Buffer.from(good.toString().split('.')[0] ?? '', 'base64url').toString());
  /** Right in everything but the header. */
  const encrypt = async (change: object, plaintext: Uint8Array = PLAINTEXT) => {
    const { epk: _, apu, apv, ...header } = { ...headerOf(), ...change };
    return await new CompactEncrypt(plaintext)
      .setProtectedHeader(header)
      .setKeyManagementParameters({ apu: Buffer.from(apu, 'base64url'), apv: Buffer.from(apv, 'base64url') })
      .encrypt(recipient.key.key);
  };
  const part = (index: number, change: (bytes: Buffer) => Uint8Array) => {
    const parts = good.toString().split('.');
    parts[index] = base64url(change(Buffer.from(parts[index] ?? '', 'base64url')));
    return parts.join('.');
  };

  test('what is made with the right header is opened', async () => {
    expect(await open(good)).toBe('accepted');
    expect(await open(await encrypt({}))).toBe('accepted');
  });

  test('the key of another recipient opens nothing', async () => {
    expect(await open(good, SEALED, stranger)).toBe('decryption-failed');
    expect(await codeOf(() => openBody(SEALED, good, []))).toBe('decryption-failed');
    expect(await open(await encrypt({ kid: stranger.key.kid }), SEALED, stranger)).toBe('decryption-failed');
  });

  test.each([
    ['another sender', { from: 'hotline.nl' }],
    ['another recipient', { to: 'isp.fr' }],
    ['another message', { id: 'a'.repeat(32) }],
    ['sender and recipient in each other’s place', { from: DRAFT.to, to: DRAFT.from }],
    ['a sender in capitals', { from: 'HOTLINE.DE' }],
  ])('a body is not opened under the seal of %s', async (_, change) => {
    expect(await open(good, sealedFor(SALT, CONTENT, change))).toBe('recipient-mismatch');
  });

  test.each([
    ['another sender', { apu: base64url('hotline.nl') }],
    ['another recipient', { apv: base64url('isp.fr') }],
    ['another message', { mid: 'a'.repeat(32) }],
    ['a sender with padding', { apu: `${base64url(DRAFT.from)}==` }],
    ['no message', { mid: undefined }],
    ['a message in a list', { mid: [DRAFT.id] }],
  ])('a body that names %s is not opened', async (_, change) => {
    const [, ...rest] = good.toString().split('.');
    const header = base64url(JSON.stringify({ ...headerOf(), ...change }));
    expect(await open([header, ...rest].join('.'))).toBe('recipient-mismatch');
  });

  test.each([
    [{ alg: 'ECDH-ES+A256KW' }],
    [{ alg: 'ECDH-ES+A128KW' }],
    [{ enc: 'A128GCM' }],
    [{ enc: 'A192GCM' }],
    [{ enc: 'A128CBC-HS256' }],
    [{ enc: 'A256CBC-HS512' }],
  ])('what is rightly encrypted with %j is refused', async (change) => {
    expect(await open(await encrypt(change))).toBe('algorithm-not-allowed');
  });

  test.each([
    ['dir'],
    ['RSA-OAEP'],
    ['RSA1_5'],
    ['A256KW'],
    ['PBES2-HS256+A128KW'],
    ['none'],
    ['HPKE-0'],
    [null],
    [undefined],
    [['ECDH-ES']],
  ])('the algorithm %j is refused', async (alg) => {
    const [, ...rest] = good.toString().split('.');
    const header = base64url(JSON.stringify({ ...headerOf(), alg }));
    expect(await open([header, ...rest].join('.'))).toBe('algorithm-not-allowed');
  });

  test.each([
    ['zip', { zip: 'DEF' }],
    ['crit', { crit: ['exp'] }],
    ['a key of its own', { jwk: {} }],
    ['an address of a key', { jku: 'https://evil.example' }],
    ['an initial vector', { iv: 'AAAA' }],
    ['rounds', { p2c: 2 ** 31 }],
    ['another type', { typ: 'entente-crossing' }],
    ['no type', { typ: undefined }],
  ])('a header with %s is refused', async (_, change) => {
    const [, ...rest] = good.toString().split('.');
    const header = base64url(JSON.stringify({ ...headerOf(), ...change }));
    expect(await open([header, ...rest].join('.'))).toBe('seal-malformed');
  });

  test.each([0, 2, 3, 4])('a bit that is flipped anywhere in part %i is noticed', async (index) => {
    const size = Buffer.from(good.toString().split('.')[index] ?? '', 'base64url').length;
    for (let at = 0; at < size; at++) {
      const spoilt = part(index, (bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        return bytes;
      });
      expect(await open(spoilt)).not.toBe('accepted');
    }
  });

  test.each([
    ['a tag of 15 bytes', 4, (bytes: Buffer) => bytes.subarray(0, 15)],
    ['a tag of 4 bytes', 4, (bytes: Buffer) => bytes.subarray(0, 4)],
    ['no tag', 4, () => Buffer.alloc(0)],
    ['a tag of zeros', 4, () => Buffer.alloc(16)],
    ['a longer tag', 4, (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)])],
    ['no initial vector', 2, () => Buffer.alloc(0)],
    ['a longer initial vector', 2, (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(4)])],
    ['no content', 3, () => Buffer.alloc(0)],
    ['content that is cut', 3, (bytes: Buffer) => bytes.subarray(1)],
    ['a wrapped key where none belongs', 1, () => Buffer.alloc(40)],
  ])('%s is refused', async (_, index, change) => {
    expect(await open(part(index, change))).toBe('decryption-failed');
  });

  test('a right tag that is cut to 12 bytes is refused', async () => {
    const { secret, epk } = agreed(recipient.jwk);
    expect(await open(forgeJwe({ ...headerOf(), epk }, secret, PLAINTEXT, 16))).toBe('accepted');
    expect(await open(forgeJwe({ ...headerOf(), epk }, secret, PLAINTEXT, 12))).toBe('decryption-failed');
  });

  test.each([
    ['nothing', undefined],
    ['no key', {}],
    ['text', 'AAAA'],
    ['a key on the other curve', agreed(newKey(curve === 'X25519' ? 'P-256' : 'X25519')).epk],
    ['a key for signatures', newKey('Ed25519')],
    ['a symmetric key', { kty: 'oct', k: 'AAAA' }],
    ['a curve that is unknown', { kty: 'EC', crv: 'P-257', x: 'AA', y: 'AA' }],
    ['a coordinate that is too short', { kty: 'OKP', crv: 'X25519', x: 'AAAA' }],
    [
      'a point that is not on its curve',
      { kty: 'EC', crv: 'P-256', x: base64url(Buffer.alloc(32, 1)), y: base64url(Buffer.alloc(32, 1)) },
    ],
    [
      'the point at zero',
      { kty: 'EC', crv: 'P-256', x: base64url(Buffer.alloc(32)), y: base64url(Buffer.alloc(32)) },
    ],
  ])('as the sender’s key for this message, %s is refused', async (_, epk) => {
    expect(await open(forgeJwe({ ...headerOf(), epk }, Buffer.alloc(32), PLAINTEXT))).toBe(
      'decryption-failed',
    );
  });
});

// Points of small order (RFC 7748 §6.1): whoever sends one knows the secret without any key.
test.each([
  ['0', '00'.repeat(32)],
  ['1', `01${'00'.repeat(31)}`],
  ['order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
  ['order 8, the other', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'],
  ['p − 1', `ec${'ff'.repeat(30)}7f`],
  ['p', `ed${'ff'.repeat(30)}7f`],
  ['p + 1', `ee${'ff'.repeat(30)}7f`],
])('an X25519 key that is %s gives a secret of zeros, and is refused', async (_, hex) => {
  const { decrypter } = await testRecipient('X25519');
  const epk = { kty: 'OKP', crv: 'X25519', x: base64url(Buffer.from(hex, 'hex')) };
  const header = {
    ...{ alg: 'ECDH-ES', enc: 'A256GCM', kid: decrypter.kid, typ: BODY_TYPE, mid: DRAFT.id },
    ...{ apu: base64url(DRAFT.from), apv: base64url(DRAFT.to), epk },
  };
  const body = Buffer.from(forgeJwe(header, Buffer.alloc(32), PLAINTEXT));
  expect(await codeOf(() => openBody(SEALED, body, [decrypter]))).toBe('decryption-failed');
});

function newKey(curve: 'X25519' | 'P-256' | 'Ed25519'): JWK {
  return generate(curve).publicKey.export({ format: 'jwk' }) as JWK;
}

function generate(curve: unknown): { publicKey: KeyObject; privateKey: KeyObject } {
  if (curve === 'X25519') return generateKeyPairSync('x25519');
  if (curve === 'Ed25519') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** A secret that is rightly agreed with the owner of this key, and the sender's half. */
function agreed(jwk: JWK): { secret: Buffer; epk: JWK } {
  const { publicKey, privateKey } = generate(jwk.crv);
  const theirs = createPublicKey({ key: publicJwk(jwk) as JsonWebKey, format: 'jwk' });
  return {
    secret: diffieHellman({ privateKey, publicKey: theirs }),
    epk: publicKey.export({ format: 'jwk' }) as JWK,
  };
}
