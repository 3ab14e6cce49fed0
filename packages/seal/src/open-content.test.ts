import { LIMITS, wire } from '@entente/contract';
import { beforeAll, describe, expect, test } from 'vitest';
import { CURVES } from './algorithms.js';
import { decryptWith, encryptFor } from './encrypt.js';
import { codeOf } from './fixture/code-of.js';
import { PARTIES, PLAINTEXT, SALT, SEALED, sealedFor } from './fixture/sealed-content.js';
import { type TestRecipient, testRecipient } from './fixture/test-keys.js';
import { CONTENT } from './fixture/test-message.js';
import { openBody } from './open-body.js';
import { BODY_TYPE, commitmentOf } from './seal-message.js';

// What is rightly encrypted, under either key.
describe.each(CURVES)('what is in a body for a key on %s', (curve) => {
  let recipient: TestRecipient;
  beforeAll(async () => {
    recipient = await testRecipient(curve);
  });

  const open = (body: Uint8Array, sealed = SEALED) =>
    codeOf(() => openBody(sealed, body, [recipient.decrypter]));

  test('a body above the limit is refused before it is decrypted', async () => {
    const good = await encryptFor(recipient.key, PLAINTEXT, BODY_TYPE, PARTIES);
    const long = await encryptFor(recipient.key, Buffer.alloc(LIMITS.body), BODY_TYPE, PARTIES);
    expect(await open(long)).toBe('too-large');
    expect(
      await codeOf(() => decryptWith([recipient.decrypter], good, BODY_TYPE, PARTIES, good.length)),
    ).toBe('accepted');
    expect(
      await codeOf(() => decryptWith([recipient.decrypter], good, BODY_TYPE, PARTIES, good.length - 1)),
    ).toBe('too-large');
  });

  test('content above its own limit is refused, and taken up to it', async () => {
    const make = async (size: number) => {
      const content = Buffer.alloc(size, 0x20);
      const body = await encryptFor(
        recipient.key,
        wire.body.encode({ salt: SALT, content }),
        BODY_TYPE,
        PARTIES,
      );
      return await open(body, sealedFor(SALT, content));
    };
    expect(await make(LIMITS.content)).toBe('accepted');
    expect(await make(LIMITS.content + 64)).toBe('too-large');
  });

  describe('the commitment', () => {
    const openWith = async (salt: Uint8Array, content: Uint8Array, sealed = SEALED) =>
      await open(
        await encryptFor(recipient.key, wire.body.encode({ salt, content }), BODY_TYPE, PARTIES),
        sealed,
      );

    test('is broken by another content, another salt, and a byte that moves from one to the other', async () => {
      expect(await openWith(SALT, CONTENT)).toBe('accepted');
      expect(await openWith(SALT, Buffer.from('{}'))).toBe('commitment-mismatch');
      expect(await openWith(Buffer.alloc(16, 4), CONTENT)).toBe('commitment-mismatch');
      const all = Buffer.concat([SALT, CONTENT]);
      expect(await openWith(all.subarray(0, 15), all.subarray(15))).toBe('commitment-mismatch');
      expect(await openWith(all.subarray(0, 17), all.subarray(17))).toBe('commitment-mismatch');
    });

    test.each([0, 15, 17, 32])(
      'is not kept by a salt of %i bytes, even if the hash is right',
      async (size) => {
        const salt = Buffer.alloc(size, 5);
        expect(await openWith(salt, CONTENT, sealedFor(salt, CONTENT))).toBe('commitment-mismatch');
      },
    );

    test.each([0, 31, 33])('is not one of %i bytes', async (size) => {
      const contentCommitment = Buffer.concat([commitmentOf(SALT, CONTENT), Buffer.alloc(1)]).subarray(
        0,
        size,
      );
      expect(await openWith(SALT, CONTENT, sealedFor(SALT, CONTENT, { contentCommitment }))).toBe(
        'commitment-mismatch',
      );
    });
  });

  test('what is decrypted and no body is refused', async () => {
    for (const plaintext of [Buffer.from('{}'), Buffer.concat([PLAINTEXT, PLAINTEXT])]) {
      expect(await open(await encryptFor(recipient.key, plaintext, BODY_TYPE, PARTIES))).toBe(
        'frame-malformed',
      );
    }
  });
});
