import { newId, Rejection, wire } from '@entente/contract';
import { describe, expect, test } from 'vitest';
import { generateKey, publicJwk } from './generate-key.js';
import { createSigner } from './load-keys.js';
import { openSeal, openSealInPool } from './open-seal.js';
import { importPublicKey } from './public-key.js';
import { sealStatement } from './seal-message.js';

async function sealedBy(kind: 'Ed25519' | 'P-256') {
  const jwk = await generateKey((kind === 'P-256' ? 'ES256' : kind) as 'Ed25519');
  const stated = { kid: jwk.kid ?? '', use: 'sig', alg: jwk.alg ?? '' };
  const key = await importPublicKey(JSON.stringify(publicJwk(jwk)), stated);
  const draft = {
    ...{
      profile: wire.Profile.PROFILE_TEST,
      id: newId(),
      caseId: newId(),
      from: 'hotline.de',
      fromRole: 'hotline',
    },
    ...{ to: 'isp.fr', toRole: 'hosting', inReplyTo: '', issuedAtMs: 1, expiresAtMs: 2, actor: '' },
  };
  const statement = { evidence: 'delivered', atMs: 1, about: [] };
  const { envelope } = await sealStatement(draft, statement, await createSigner(jwk));
  const { seal } = wire.envelope.decode(envelope);
  return { seal, findKey: (kid: string) => (kid === key.kid ? key : undefined) };
}

const codeOf = async (open: () => unknown): Promise<string> => {
  try {
    await open();
    return 'opened';
  } catch (error) {
    return error instanceof Rejection ? error.code : 'crashed';
  }
};

describe.each(['Ed25519', 'P-256'] as const)('a seal by a key on %s, opened in the thread pool', (kind) => {
  test('says the same as one that is opened on the calling thread', async () => {
    const { seal, findKey } = await sealedBy(kind);
    expect(await openSealInPool(seal, findKey)).toEqual(openSeal(seal, findKey));
  });

  test('is refused for the same reason, whatever letter of it is changed', async () => {
    const { seal, findKey } = await sealedBy(kind);
    for (let at = 0; at < seal.length; at += 3) {
      const changed = Buffer.from(seal);
      changed[at] = changed[at] === 0x41 ? 0x42 : 0x41;
      const code = await codeOf(() => openSeal(changed, findKey));
      expect([at, code]).toEqual([at, await codeOf(() => openSealInPool(changed, findKey))]);
      expect(code).not.toBe('opened');
    }
  });

  test('is refused without its key, and with one of another use', async () => {
    const { seal, findKey } = await sealedBy(kind);
    expect(await codeOf(() => openSealInPool(seal, () => undefined))).toBe('key-unknown');
    const other = (kid: string) => ({ ...(findKey(kid) as never as object), use: 'enc' }) as never;
    expect(await codeOf(() => openSealInPool(seal, other))).toBe('algorithm-not-allowed');
  });
});
