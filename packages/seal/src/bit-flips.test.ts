import { Rejection, wire } from '@entente/contract';
import { describe, expect, test } from 'vitest';
import { checkHeader } from './check-header.js';
import { finding, testRecipient, testSigner } from './fixture/test-keys.js';
import { CONTENT, DRAFT, FACTS, NOW } from './fixture/test-message.js';
import { openBody } from './open-body.js';
import { checkBody, openSeal } from './open-seal.js';
import { sealReferral } from './seal-message.js';

// All that a recipient does. Whatever happens to an envelope on its way, what comes out is what was sent, or a Rejection.
const SEEDS = [1, 2, 3];

describe.each([
  ['Ed25519', 'X25519'],
  ['ES256', 'P-256'],
] as const)('an envelope signed with %s and encrypted for %s', (alg, curve) => {
  test.each(SEEDS)('opens with no bit changed in any byte (seed %i)', async (seed) => {
    const { open, envelope } = await prepare(alg, curve);
    const random = seeded(seed);
    expect(await open(envelope)).toBe('as sent');
    for (let at = 0; at < envelope.length; at++) {
      const spoilt = Buffer.from(envelope);
      spoilt[at] = (spoilt[at] ?? 0) ^ (1 << (random() % 8));
      expect(await open(spoilt), `byte ${at}`).toBe('refused');
    }
  });

  test('opens with no byte less, more, or in another place', async () => {
    const { open, envelope } = await prepare(alg, curve);
    const random = seeded(4);
    for (let round = 0; round < 200; round++) {
      const at = random() % envelope.length;
      const [before, after] = [envelope.subarray(0, at), envelope.subarray(at)];
      expect(await open(before)).toBe('refused');
      expect(await open(Buffer.concat([before, Buffer.of(random() % 256), after]))).toBe('refused');
      expect(await open(Buffer.concat([before, after.subarray(1)]))).toBe('refused');
      if (at > 0) expect(await open(Buffer.concat([after, before]))).toBe('refused');
    }
  });
});

async function prepare(alg: 'Ed25519' | 'ES256', curve: 'X25519' | 'P-256') {
  const { signer, key } = await testSigner(alg);
  const recipient = await testRecipient(curve);
  const { envelope } = await sealReferral(DRAFT, CONTENT, FACTS, { signer, recipient: recipient.key });
  const open = async (bytes: Uint8Array): Promise<'as sent' | 'changed' | 'refused'> => {
    try {
      const { seal, body } = wire.envelope.decode(bytes);
      const sealed = await openSeal(seal, finding(key));
      checkHeader(sealed, { profile: DRAFT.profile, nowMs: NOW });
      checkBody(sealed, body);
      const { content } = await openBody(sealed, body, [recipient.decrypter]);
      return Buffer.from(content).equals(CONTENT) ? 'as sent' : 'changed';
    } catch (error) {
      if (error instanceof Rejection) return 'refused';
      throw error;
    }
  };
  return { open, envelope: Buffer.from(envelope) };
}

/** mulberry32: the same numbers each time, so that a failure can be seen again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
