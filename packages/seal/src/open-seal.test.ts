import { LIMITS, Rejection, wire } from '@entente/contract';
import { exportJWK } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import { base64url, forgeHs256, forgeJws, signatureOver, twinOf } from './fixture/forge.js';
import {
  finding,
  type TestRecipient,
  type TestSigner,
  testRecipient,
  testSigner,
} from './fixture/test-keys.js';
import { DRAFT, STATEMENT } from './fixture/test-message.js';
import { openSeal } from './open-seal.js';
import type { PublicKey } from './public-key.js';
import { SEAL_TYPE } from './seal-message.js';
import { messageHash, verifyCompact } from './verify-compact.js';

const PAYLOAD = wire.header.encode({
  ...DRAFT,
  protocol: 1,
  kind: wire.Kind.KIND_EVIDENCE,
  statement: STATEMENT,
});

let ed: TestSigner;
let es: TestSigner;
let other: TestSigner;
let p256: TestRecipient;
let x25519: TestRecipient;
let directory: ReturnType<typeof finding>;

beforeAll(async () => {
  [ed, es, other] = [await testSigner('Ed25519'), await testSigner('ES256'), await testSigner('Ed25519')];
  [p256, x25519] = [await testRecipient('P-256'), await testRecipient('X25519')];
  directory = finding(ed.key, es.key, other.key, p256.key, x25519.key);
});

const open = (seal: string) => codeOf(() => openSeal(Buffer.from(seal), directory));
const headerFor = (signer: TestSigner, change: object = {}) =>
  JSON.stringify({ alg: signer.signer.alg, kid: signer.key.kid, typ: SEAL_TYPE, ...change });
const forge = (change: object, signer = ed) => forgeJws(headerFor(signer, change), PAYLOAD, signer.jwk);

describe('openSeal takes', () => {
  test('what is signed by hand in the strict form, with either algorithm', async () => {
    expect(await open(forge({}))).toBe('accepted');
    expect(await open(forge({}, es))).toBe('accepted');
  });

  test('the twin of an ES256 signature as the same message', async () => {
    const seal = forge({}, es);
    const twin = twinOf(seal);
    expect(twin).not.toBe(seal);
    const [one, two] = [
      await openSeal(Buffer.from(seal), directory),
      await openSeal(Buffer.from(twin), directory),
    ];
    expect(two.messageHash).toEqual(one.messageHash);
    expect(two.header).toEqual(one.header);
    expect(messageHash(Buffer.from(twin))).toEqual(one.messageHash);
  });
});

describe('openSeal refuses', () => {
  test.each([
    ['none', 'algorithm-not-allowed'],
    ['None', 'algorithm-not-allowed'],
    ['', 'algorithm-not-allowed'],
    ['HS256', 'algorithm-not-allowed'],
    ['EdDSA', 'algorithm-not-allowed'],
    ['ed25519', 'algorithm-not-allowed'],
    ['Ed448', 'algorithm-not-allowed'],
    ['ES256K', 'algorithm-not-allowed'],
    ['ES384', 'algorithm-not-allowed'],
    ['RS256', 'algorithm-not-allowed'],
    ['PS256', 'algorithm-not-allowed'],
    ['ML-DSA-44', 'algorithm-not-allowed'],
    ['constructor', 'algorithm-not-allowed'],
    [null, 'algorithm-not-allowed'],
    [['Ed25519'], 'algorithm-not-allowed'],
    [{ name: 'Ed25519' }, 'algorithm-not-allowed'],
    [0, 'algorithm-not-allowed'],
    ['ES256', 'algorithm-not-allowed'],
  ])('the algorithm %j with an Ed25519 key and a right signature', async (alg, code) => {
    expect(await open(forge({ alg }))).toBe(code);
  });

  test('no algorithm at all', async () => {
    expect(await open(forge({ alg: undefined }))).toBe('algorithm-not-allowed');
  });

  test('the algorithm none with no signature', async () => {
    const [header, payload] = forge({ alg: 'none' }).split('.');
    expect(await open(`${header}.${payload}.`)).toBe('algorithm-not-allowed');
  });

  test('a MAC whose secret is the public key', async () => {
    for (const { jwk, key } of [ed, es]) {
      expect(await open(forgeHs256({ alg: 'HS256', kid: key.kid, typ: SEAL_TYPE }, PAYLOAD, jwk))).toBe(
        'algorithm-not-allowed',
      );
      expect(await open(forgeHs256({ alg: key.alg, kid: key.kid, typ: SEAL_TYPE }, PAYLOAD, jwk))).toBe(
        'signature-wrong',
      );
    }
  });

  test('an ES256 key under a header that says Ed25519', async () => {
    expect(await open(forge({ alg: 'Ed25519' }, es))).toBe('algorithm-not-allowed');
  });

  test('a signature of a key for encryption', async () => {
    const header = JSON.stringify({ alg: 'ES256', kid: p256.key.kid, typ: SEAL_TYPE });
    expect(await open(forgeJws(header, PAYLOAD, p256.jwk))).toBe('algorithm-not-allowed');
    expect(await open(forge({ kid: x25519.key.kid }))).toBe('algorithm-not-allowed');
  });

  test('a key whose stated use is another than its algorithm says', async () => {
    const key: PublicKey = { ...ed.key, use: 'enc' };
    expect(await codeOf(() => openSeal(Buffer.from(forge({})), () => key))).toBe('algorithm-not-allowed');
  });

  test('the kid of another key', async () => {
    expect(await open(forge({ kid: other.key.kid }))).toBe('signature-wrong');
  });

  test.each([
    ['missing', undefined],
    ['null', null],
    ['empty', ''],
    ['a path', '../../etc/passwd'],
    ['a path to nothing', '/dev/null'],
    ['a URL', 'https://evil.example/key'],
    ['a number', 0],
    ['a list', ['k']],
    ['an object', { toString: 'k' }],
    ['yes', true],
    ['a name that every object has', '__proto__'],
    ['another such name', 'constructor'],
    ['a query of SQL', "' OR 1=1 --"],
    ['a NUL', 'k\0'],
    ['long', 'k'.repeat(1500)],
  ])('a kid that is %s', async (_, kid) => {
    expect(await open(forge({ kid }))).toBe('key-unknown');
  });

  test('a kid with something in front of it or behind it', async () => {
    for (const kid of [`${ed.key.kid}\0`, ` ${ed.key.kid}`, `${ed.key.kid}/`, ed.key.kid.toUpperCase()]) {
      expect(await open(forge({ kid }))).toBe('key-unknown');
    }
  });

  test('a key that was revoked, with the word of the directory', async () => {
    const revoked = () => {
      throw new Rejection('key-not-valid');
    };
    expect(await codeOf(() => openSeal(Buffer.from(forge({})), revoked))).toBe('key-not-valid');
  });

  test('a key that the header brings with it, or says where to fetch', async () => {
    const jwk = await exportJWK(other.key.key);
    for (const member of [
      { jwk },
      { jku: 'https://evil.example' },
      { x5u: 'https://evil.example' },
      { x5c: ['AA'] },
    ]) {
      expect(await open(forge(member, other))).toBe('seal-malformed');
      expect(await open(forge({ ...member, kid: undefined }, other))).toBe('seal-malformed');
    }
  });

  test.each([
    ['crit', { crit: ['exp'] }],
    ['crit that names what is known', { crit: ['alg'] }],
    ['b64', { b64: true }],
    ['b64 that is off, and critical', { b64: false, crit: ['b64'] }],
    ['a content type', { cty: 'entente-seal' }],
    ['a nonce', { nonce: '1' }],
    ['a type that is missing', { typ: undefined }],
    ['another type', { typ: 'JWT' }],
    ['the type of a body', { typ: 'entente-body' }],
    ['the type of a part of the directory', { typ: 'entente-directory' }],
    ['the type in capitals', { typ: SEAL_TYPE.toUpperCase() }],
    ['the type as a media type', { typ: `application/${SEAL_TYPE}` }],
    ['the type in a list', { typ: [SEAL_TYPE] }],
  ])('a header with %s', async (_, change) => {
    expect(await open(forge(change))).toBe('seal-malformed');
  });

  test('a header that is signed but not in its one form', async () => {
    const { kid } = ed.key;
    for (const text of [
      `{"alg":"Ed25519","kid":"${kid}","typ":"${SEAL_TYPE}","typ":"${SEAL_TYPE}"}`,
      `{"alg":"Ed25519", "kid":"${kid}","typ":"${SEAL_TYPE}"}`,
      `{"\\u0061lg":"Ed25519","kid":"${kid}","typ":"${SEAL_TYPE}"}`,
      `\ufeff{"alg":"Ed25519","kid":"${kid}","typ":"${SEAL_TYPE}"}`,
    ]) {
      expect(await open(forgeJws(text, PAYLOAD, ed.jwk))).toBe('seal-malformed');
    }
  });

  test.each([
    ['white space in front', (seal: string) => ` ${seal}`],
    ['a newline at the end', (seal: string) => `${seal}\n`],
    ['padding', (seal: string) => `${seal}==`],
    ['a fourth part', (seal: string) => `${seal}.AAAA`],
    ['a fourth part that is empty', (seal: string) => `${seal}.`],
    ['plain base64', (seal: string) => `${seal.slice(0, -8)}+/+/+/+/`],
  ])('a right signature with %s', async (_, spoil) => {
    expect(await open(spoil(forge({})))).toBe('seal-malformed');
  });

  test('a seal above the limit, before anything else, and a right one up to it', async () => {
    const short = forge({});
    expect(await codeOf(() => openSeal(Buffer.from(short.padEnd(LIMITS.seal + 1, 'A')), directory))).toBe(
      'too-large',
    );
    expect(await codeOf(() => openSeal(Buffer.alloc(10_000_000, 0x41), directory))).toBe('too-large');
    expect(await codeOf(() => verifyCompact(Buffer.from(short), SEAL_TYPE, short.length, directory))).toBe(
      'accepted',
    );
    expect(
      await codeOf(() => verifyCompact(Buffer.from(short), SEAL_TYPE, short.length - 1, directory)),
    ).toBe('too-large');
  });

  describe.each(['Ed25519', 'ES256'] as const)('with %s', (alg) => {
    const seal = () => forge({}, alg === 'Ed25519' ? ed : es);

    test.each([0, 1, 31, 32, 63])('a signature of %i bytes', async (size) => {
      const [header, payload, signature = ''] = seal().split('.');
      const cut = Buffer.from(signature, 'base64url').subarray(0, size);
      expect(await open(`${header}.${payload}.${base64url(cut)}`)).toBe('signature-wrong');
    });

    test('a signature with a byte more, of zeros, or of the largest number', async () => {
      const [header, payload, signature = ''] = seal().split('.');
      const bytes = Buffer.from(signature, 'base64url');
      for (const wrong of [
        Buffer.concat([bytes, Buffer.alloc(1)]),
        Buffer.alloc(64),
        Buffer.alloc(64, 0xff),
      ]) {
        expect(await open(`${header}.${payload}.${base64url(wrong)}`)).toBe('signature-wrong');
      }
    });

    test('another payload, or none, under a signature that was right', async () => {
      const [header, , signature] = seal().split('.');
      const moved = wire.header.encode({ ...DRAFT, protocol: 1, to: 'isp.fr' });
      expect(await open(`${header}.${base64url(moved)}.${signature}`)).toBe('signature-wrong');
      expect(await open(`${header}..${signature}`)).toBe('signature-wrong');
    });

    test('a payload that is signed and no header', async () => {
      const signer = alg === 'Ed25519' ? ed : es;
      for (const payload of [
        Buffer.from('{}'),
        Buffer.concat([PAYLOAD, PAYLOAD]),
        Buffer.alloc(9000, 0xff),
      ]) {
        expect(await open(forgeJws(headerFor(signer), payload, signer.jwk))).toBe('header-malformed');
      }
    });
  });

  test('an Ed25519 signature whose S is one order too large', async () => {
    const [header, payload, signature = ''] = forge({}).split('.');
    const bytes = Buffer.from(signature, 'base64url');
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + order;
    const large = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
    const twin = base64url(Buffer.concat([bytes.subarray(0, 32), large]));
    expect(await open(`${header}.${payload}.${twin}`)).toBe('signature-wrong');
  });

  test('an ES256 signature in DER', async () => {
    const input = forge({}, es).split('.').slice(0, 2).join('.');
    const der = Buffer.concat([
      Buffer.from([0x30, 0x44, 2, 32]),
      Buffer.from(signatureOver(input, es.jwk), 'base64url'),
    ]);
    expect(await open(`${input}.${base64url(der)}`)).toBe('signature-wrong');
  });
});
