import { createPrivateKey, type JsonWebKey } from 'node:crypto';
import { CompactEncrypt, CompactSign, compactDecrypt, compactVerify, importJWK } from 'jose';
import { describe, expect, test } from 'vitest';
import { CURVES, SIGNATURE_ALGORITHMS } from './algorithms.js';
import { decryptWith, encryptFor } from './encrypt.js';
import { codeOf } from './fixture/code-of.js';
import { finding, testRecipient, testSigner } from './fixture/test-keys.js';
import { verifyCompact } from './verify-compact.js';

// The compact forms are made and opened with node:crypto alone: jose, which everybody knows, has to read and write the same.
const PARTIES = { from: 'hotline.de', to: 'isp.nl', mid: 'a'.repeat(32) };
const SIZES = [0, 1, 15, 16, 2500, 100_000];

describe.each(CURVES)('encrypted for a key on %s', (curve) => {
  test.each(SIZES)('jose opens %i bytes, with the parties that we named', async (size) => {
    const { jwk, key } = await testRecipient(curve);
    const plain = Buffer.alloc(size, 7);
    const body = await encryptFor(key, plain, 'typ', PARTIES);
    const opened = await compactDecrypt(body, createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' }), {
      keyManagementAlgorithms: ['ECDH-ES'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    expect(Buffer.from(opened.plaintext).equals(plain)).toBe(true);
    expect(opened.protectedHeader).toMatchObject({ kid: key.kid, typ: 'typ', mid: PARTIES.mid });
    expect(Buffer.from(String(opened.protectedHeader.apu), 'base64url').toString()).toBe(PARTIES.from);
    expect(Buffer.from(String(opened.protectedHeader.apv), 'base64url').toString()).toBe(PARTIES.to);
  });

  test.each(SIZES)('what jose makes of %i bytes is opened', async (size) => {
    const { decrypter, key } = await testRecipient(curve);
    const plain = Buffer.alloc(size, 7);
    const body = await new CompactEncrypt(plain)
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: key.kid, typ: 'typ', mid: PARTIES.mid })
      .setKeyManagementParameters({ apu: Buffer.from(PARTIES.from), apv: Buffer.from(PARTIES.to) })
      .encrypt(key.key);
    const opened = await decryptWith([decrypter], Buffer.from(body), 'typ', PARTIES);
    expect(Buffer.from(opened).equals(plain)).toBe(true);
  });

  test('no two messages have a key, an initial vector or a text in common', async () => {
    const { key } = await testRecipient(curve);
    const parts = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const body = Buffer.from(await encryptFor(key, Buffer.alloc(40), 'typ', PARTIES)).toString();
        return body.split('.');
      }),
    );
    for (const at of [0, 2, 3, 4]) expect(new Set(parts.map((one) => one[at])).size).toBe(50);
  });

  test.each([
    ['a private member', { d: 'A'.repeat(43) }],
    ['a kid', { kid: 'k' }],
    ['a use', { use: 'enc' }],
    ['a coordinate with padding', { x: `${'A'.repeat(42)}=` }],
    ['a coordinate with white space', { x: ` ${'A'.repeat(42)}` }],
    ['a coordinate in a list', { x: ['A'.repeat(43)] }],
  ])('a half with %s is none', async (_, change) => {
    const { decrypter, key } = await testRecipient(curve);
    const [header = '', ...rest] = Buffer.from(await encryptFor(key, Buffer.alloc(9), 'typ', PARTIES))
      .toString()
      .split('.');
    const { epk, ...others } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { epk: object };
    const forged = Buffer.from(JSON.stringify({ ...others, epk: { ...epk, ...change } })).toString(
      'base64url',
    );
    const body = Buffer.from([forged, ...rest].join('.'));
    expect(await codeOf(() => decryptWith([decrypter], body, 'typ', PARTIES))).toBe('decryption-failed');
    expect(() => decrypter.agree({ ...epk, ...change }, PARTIES)).toThrow(/epk/);
  });
});

describe.each(SIGNATURE_ALGORITHMS)('signed with %s', (alg) => {
  test('jose verifies what we sign, and we what jose signs', async () => {
    const { signer, key, jwk } = await testSigner(alg);
    const payload = Buffer.alloc(900, 7);
    const ours = await signer.signCompact(payload, 'typ');
    const verified = await compactVerify(ours, key.key, { algorithms: [alg] });
    expect(Buffer.from(verified.payload).equals(payload)).toBe(true);
    expect(verified.protectedHeader).toEqual({ alg, kid: key.kid, typ: 'typ' });
    const theirs = await new CompactSign(payload)
      .setProtectedHeader({ alg, kid: key.kid, typ: 'typ' })
      .sign(await importJWK(jwk, alg));
    const opened = verifyCompact(Buffer.from(theirs), 'typ', 4096, finding(key));
    expect(Buffer.from(opened.payload).equals(payload)).toBe(true);
  });
});
