import { inspect } from 'node:util';
import type { JWK } from 'jose';
import { describe, expect, test } from 'vitest';
import { CONTENT_ENCRYPTION, CURVES, KEY_AGREEMENT, SIGNATURE_ALGORITHMS } from './algorithms.js';
import { publicKeyOf, testRecipient, testSigner } from './fixture/test-keys.js';
import { generateKey } from './generate-key.js';
import * as seal from './index.js';

/** The only two verbs that hand out a private key: to make one and to read one from its file. Services load signers instead. */
const GIVE_PRIVATE_KEYS = ['generateKey', 'readKeyFile', 'readSecretFile'];

test('the package exports these values and no others', () => {
  expect(Object.keys(seal).sort()).toEqual(
    [
      'SealError',
      ...[
        'checkBody',
        'checkForm',
        'checkHeader',
        'commitmentOf',
        'createSealOpener',
        'createSigner',
        'decryptWith',
        'encryptFor',
        'hasContent',
        'isSealAlone',
      ],
      ...[
        'importPublicKey',
        'loadDecrypter',
        'loadPseudonymiser',
        'loadSigner',
        'messageHash',
        'openBody',
        'openOpened',
        'openSeal',
        'openStepwise',
        'publicJwk',
      ],
      ...[
        'readCarriedHeader',
        'readUnverifiedHeader',
        'sealOpened',
        'sealReferral',
        'sealStatement',
        'sha256',
        'verifyCompact',
      ],
      ...['writeKeyFile', 'writeSecretFile', ...GIVE_PRIVATE_KEYS],
    ].sort(),
  );
});

test('the algorithms are these and no others', () => {
  expect(SIGNATURE_ALGORITHMS).toEqual(['Ed25519', 'ES256']);
  expect(CURVES).toEqual(['X25519', 'P-256']);
  expect([KEY_AGREEMENT, CONTENT_ENCRYPTION]).toEqual(['ECDH-ES', 'A256GCM']);
});

describe('no private key leaves', () => {
  test.each(SIGNATURE_ALGORITHMS)('a signer for %s', async (alg) => {
    const { jwk, signer } = await testSigner(alg);
    expectWithout(signer, jwk);
    expect(Object.keys(signer).sort()).toEqual(['alg', 'kid', 'publicJwk', 'signBytes', 'signCompact']);
  });

  test.each(CURVES)('a decrypter for %s', async (curve) => {
    const { jwk, decrypter } = await testRecipient(curve);
    expectWithout(decrypter, jwk);
    expect(Object.keys(decrypter).sort()).toEqual(['agree', 'kid', 'publicJwk']);
  });

  test.each([...SIGNATURE_ALGORITHMS, ...CURVES])('publicJwk of %s', async (kind) => {
    const jwk = await generateKey(kind);
    const shown = seal.publicJwk({ ...jwk, p: 'p', q: 'q', k: 'k', oth: [], seed: 's' } as JWK);
    expectWithout(shown, jwk);
    expect(Object.keys(shown).sort()).toEqual(
      Object.keys(jwk)
        .filter((name) => name !== 'd')
        .sort(),
    );
    expectWithout(await publicKeyOf(jwk), jwk);
  });

  test('in the words of an error', async () => {
    const jwk = await generateKey('Ed25519');
    for (const broken of [
      { ...jwk, use: 'enc' },
      { ...jwk, alg: 'ES256' },
      { ...jwk, crv: 'P-256' },
    ]) {
      const error: unknown = await seal.createSigner(broken).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(seal.SealError);
      expectWithout(error, jwk);
    }
  });
});

/** However it is printed. */
function expectWithout(value: unknown, { d }: JWK): void {
  expect(d).toMatch(/^[\w-]{43}$/);
  const printed = `${JSON.stringify(value)} ${inspect(value, { depth: 10, showHidden: true })} ${String(value)}`;
  expect(printed).not.toContain(d);
}
