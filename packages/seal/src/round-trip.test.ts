import { type Rejection, wire } from '@entente/contract';
import { beforeAll, describe, expect, test } from 'vitest';
import { CURVES, SIGNATURE_ALGORITHMS } from './algorithms.js';
import { checkHeader } from './check-header.js';
import { codeOf } from './fixture/code-of.js';
import {
  finding,
  type TestRecipient,
  type TestSigner,
  testRecipient,
  testSigner,
} from './fixture/test-keys.js';
import { CONTENT, DRAFT, FACTS, NOW, STATEMENT } from './fixture/test-message.js';
import { openBody } from './open-body.js';
import { checkBody, openSeal } from './open-seal.js';
import { readUnverifiedHeader } from './read-header.js';
import { commitmentOf, sealReferral, sealStatement, sha256 } from './seal-message.js';
import { messageHash } from './verify-compact.js';

describe.each(SIGNATURE_ALGORITHMS)('signed with %s', (alg) => {
  let sender: TestSigner;
  beforeAll(async () => {
    sender = await testSigner(alg);
  });

  describe.each(CURVES)('and encrypted for %s', (curve) => {
    let recipient: TestRecipient;
    beforeAll(async () => {
      recipient = await testRecipient(curve);
    });

    test('a referral is opened by its recipient, word for word', async () => {
      const sealed = await sealReferral(DRAFT, CONTENT, FACTS, {
        signer: sender.signer,
        recipient: recipient.key,
      });
      const { seal, body } = wire.envelope.decode(sealed.envelope);
      const opened = await openSeal(seal, finding(sender.key));
      checkBody(opened, body);
      expect(opened.kid).toBe(sender.key.kid);
      expect(opened.seal).toBe(seal);
      expect(opened.messageHash).toEqual(sealed.messageHash);
      expect(opened.header).toMatchObject({ ...DRAFT, kind: wire.Kind.KIND_REFERRAL, facts: FACTS });
      expect(checkHeader(opened, { profile: DRAFT.profile, nowMs: NOW })).toEqual(FACTS);
      const { salt, content } = await openBody(opened, body, [recipient.decrypter]);
      expect(Buffer.from(content).equals(CONTENT)).toBe(true);
      expect(salt).toHaveLength(16);
      expect(Buffer.from(commitmentOf(salt, content))).toEqual(Buffer.from(opened.header.contentCommitment));
    });

    test('a referral is opened with the right one of several keys', async () => {
      const other = await testRecipient(curve);
      const sealed = await sealReferral(DRAFT, CONTENT, FACTS, {
        signer: sender.signer,
        recipient: recipient.key,
      });
      const { seal, body } = wire.envelope.decode(sealed.envelope);
      const opened = await openSeal(seal, finding(sender.key));
      const { content } = await openBody(opened, body, [other.decrypter, recipient.decrypter]);
      expect(Buffer.from(content).equals(CONTENT)).toBe(true);
    });
  });

  test('evidence is opened, and has no body', async () => {
    const sealed = await sealStatement(DRAFT, STATEMENT, sender.signer);
    const { seal, body } = wire.envelope.decode(sealed.envelope);
    const opened = await openSeal(seal, finding(sender.key));
    checkBody(opened, body);
    expect(body).toHaveLength(0);
    expect(checkHeader(opened, { profile: DRAFT.profile, nowMs: NOW })).toBeNull();
    expect(opened.header.statement).toMatchObject({ evidence: 'delivered', atMs: NOW });
    expect(messageHash(seal)).toEqual(sealed.messageHash);
    expect(wire.header.encode(readUnverifiedHeader(seal))).toEqual(wire.header.encode(opened.header));
  });
});

describe('two messages with the same content', () => {
  test('have another salt, another body and another commitment', async () => {
    const { signer, key } = await testSigner('Ed25519');
    const recipient = await testRecipient('X25519');
    const seal = async () => {
      const { envelope } = await sealReferral(DRAFT, CONTENT, FACTS, { signer, recipient: recipient.key });
      const frame = wire.envelope.decode(envelope);
      return { body: frame.body, opened: await openSeal(frame.seal, finding(key)) };
    };
    const [one, two] = [await seal(), await seal()];
    expect(one.opened.header.contentCommitment).not.toEqual(two.opened.header.contentCommitment);
    expect(one.body).not.toEqual(two.body);
    expect(one.opened.messageHash).not.toEqual(two.opened.messageHash);
    expect(await codeOf(() => checkBody(one.opened, two.body))).toBe('body-mismatch');
  });
});

describe('checkBody', () => {
  const sealed = (kind: number, body: Uint8Array) =>
    ({ header: { kind, bodySha256: sha256(body) } }) as unknown as Parameters<typeof checkBody>[0];

  test.each([
    ['a body in evidence', wire.Kind.KIND_EVIDENCE, Buffer.from('x'), Buffer.from('x')],
    ['a body in a message of no kind', wire.Kind.KIND_UNSPECIFIED, Buffer.from('x'), Buffer.from('x')],
    ['no body in a referral', wire.Kind.KIND_REFERRAL, Buffer.from('x'), Buffer.alloc(0)],
    ['another body in a referral', wire.Kind.KIND_REFERRAL, Buffer.from('x'), Buffer.from('y')],
    ['a body with one byte more', wire.Kind.KIND_REFERRAL, Buffer.from('x'), Buffer.from('x\0')],
  ])('refuses %s', async (_, kind, signed, body) => {
    expect(await codeOf(() => checkBody(sealed(kind, signed), body))).toBe('body-mismatch');
  });

  test('takes the body that was signed', () => {
    checkBody(sealed(wire.Kind.KIND_REFERRAL, Buffer.from('x')), Buffer.from('x'));
  });
});

describe('readUnverifiedHeader', () => {
  test.each([
    ['nothing', ''],
    ['no dots', 'abc'],
    ['a payload that is no header', 'e30.e30.e30'],
  ])('has no header for %s, or refuses it, and does not crash', (_, text) => {
    try {
      expect(readUnverifiedHeader(Buffer.from(text)).id).toBe('');
    } catch (error) {
      expect((error as Rejection).code).toBe('frame-malformed');
    }
  });

  test('refuses 10 MB before they are parsed', async () => {
    const seal = Buffer.from(`a.${'A'.repeat(10_000_000)}.a`);
    expect(await codeOf(() => readUnverifiedHeader(seal))).toBe('too-large');
  });
});
