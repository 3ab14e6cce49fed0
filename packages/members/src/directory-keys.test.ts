import type { wire } from '@entente/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  codeOf,
  HOUR,
  member,
  NOW,
  type TestKey,
  type TestNation,
  type TestNetwork,
  testKey,
  testNetwork,
} from './fixture/test-network.js';
import { loadDirectory } from './load-directory.js';

let network: TestNetwork;
let de: TestNation;
let fr: TestNation;
beforeEach(async () => {
  network = await testNetwork();
  ({ de, fr } = network);
});
afterEach(() => network.remove());

const load = async () => (await loadDirectory(network.dir, network.anchors, { nowMs: NOW })).directory;
/** A directory in which DE's part was changed. */
const loadWith = async (change: Partial<wire.NationPartFrame>) => {
  await network.writePart(de, change);
  return await load();
};
const withKey = (change: Partial<wire.PublicKeyFrame>): TestKey => ({
  ...de.sign,
  stated: { ...de.sign.stated, ...change },
});
const loadWithKey = (change: Partial<wire.PublicKeyFrame>) =>
  loadWith({ members: [member('hotline.de', [withKey(change), de.decrypt])] });

describe('a key', () => {
  const ask = async (change: Partial<wire.PublicKeyFrame>, atMs: number, nowMs: number) => {
    const directory = await loadWithKey(change);
    const { kid } = de.sign.stated;
    const found = await codeOf(() => directory.findKey(kid, atMs, nowMs));
    expect(await codeOf(() => directory.checkSigner(kid, 'hotline.de', atMs, nowMs))).toBe(found);
    return found;
  };

  test('is good from its first to its last millisecond, at the time of use', async () => {
    const change = { validFromMs: NOW, validUntilMs: NOW + HOUR };
    expect(await ask(change, NOW - 1, NOW)).toBe('key-not-valid');
    expect(await ask(change, NOW, NOW)).toBeUndefined();
    expect(await ask(change, NOW + HOUR - 1, NOW)).toBeUndefined();
    expect(await ask(change, NOW + HOUR, NOW)).toBe('key-not-valid');
  });

  test('that is expired now is good for what it signed in its time', async () => {
    const change = { validFromMs: NOW - HOUR, validUntilMs: NOW };
    expect(await ask(change, NOW - 1, NOW + HOUR)).toBeUndefined();
    expect(await ask(change, NOW + HOUR, NOW + HOUR)).toBe('key-not-valid');
  });

  test('that is revoked now is good for nothing, not even for what it signed before', async () => {
    expect(await ask({ revokedAtMs: NOW }, NOW - HOUR / 2, NOW)).toBe('key-not-valid');
    expect(await ask({ revokedAtMs: NOW }, NOW, NOW - 1)).toBeUndefined();
  });

  test('that nobody has is not found', async () => {
    const directory = await load();
    const { kid } = (await testKey('Ed25519')).stated;
    for (const unknown of [kid, '', '__proto__', 'constructor', `${de.sign.stated.kid}\0`]) {
      expect(directory.findKey(unknown, NOW, NOW)).toBeUndefined();
      expect(await codeOf(() => directory.checkSigner(unknown, 'hotline.de', NOW, NOW))).toBe(
        'sender-mismatch',
      );
    }
  });

  test('for encryption, or of a gate or an agency, signs nothing', async () => {
    const directory = await load();
    expect(await codeOf(() => directory.findKey(de.decrypt.stated.kid, NOW, NOW))).toBe('key-not-valid');
    const gateKid = de.part().gate?.keys[0]?.kid ?? '';
    expect(directory.findKey(gateKid, NOW, NOW)).toBeUndefined();
    expect(directory.findKey(de.agency.stated.kid, NOW, NOW)).toBeUndefined();
  });

  test('of another member is not the signature of this one', async () => {
    const directory = await load();
    for (const [key, owner] of [
      [de.sign, 'hotline.fr'],
      [fr.sign, 'hotline.de'],
    ] as const) {
      expect(await codeOf(() => directory.checkSigner(key.stated.kid, owner, NOW, NOW))).toBe(
        'sender-mismatch',
      );
    }
  });
});

describe("a nation that copies another's public key into its own part", () => {
  const { kid, copy } = {
    kid: () => de.sign.stated.kid,
    copy: async (change: Partial<wire.PublicKeyFrame> = {}) => {
      await network.writePart(fr, { members: [member('hotline.fr', [withKey(change)])] });
      return await load();
    },
  };

  test('takes nothing over: the key goes on to sign for its owner', async () => {
    const directory = await copy();
    expect(directory.findKey(kid(), NOW, NOW)?.kid).toBe(kid());
    expect(await codeOf(() => directory.checkSigner(kid(), 'hotline.de', NOW, NOW))).toBeUndefined();
    expect(directory.nations.size).toBe(2);
  });

  test.each<[string, Partial<wire.PublicKeyFrame>]>([
    ['revoke', { revokedAtMs: 1 }],
    ['let expire', { validUntilMs: 1 }],
    ['put off', { validFromMs: NOW + HOUR }],
  ])('cannot %s it', async (_what, change) => {
    const directory = await copy(change);
    expect(directory.findKey(kid(), NOW, NOW)?.kid).toBe(kid());
    expect(await codeOf(() => directory.checkSigner(kid(), 'hotline.de', NOW, NOW))).toBeUndefined();
    expect(await codeOf(() => directory.checkSigner(kid(), 'hotline.fr', NOW, NOW))).toBe('key-not-valid');
  });

  test('cannot turn it into a key for encryption', async () => {
    // Only on P-256 can one key be stated for both uses.
    const p256 = await testKey('ES256');
    await network.writePart(de, { members: [member('hotline.de', [p256])] });
    const { kty, crv, x, y } = JSON.parse(p256.stated.jwk);
    const jwk = JSON.stringify({ kty, crv, x, y });
    const turned = { ...p256, stated: { ...p256.stated, jwk, use: 'enc', alg: 'ECDH-ES' } };
    await network.writePart(fr, { members: [member('hotline.fr', [turned])] });
    const directory = await load();
    expect(directory.nations.size).toBe(2);
    expect(directory.findKey(p256.stated.kid, NOW, NOW)?.use).toBe('sig');
    expect(
      await codeOf(() => directory.checkSigner(p256.stated.kid, 'hotline.de', NOW, NOW)),
    ).toBeUndefined();
  });

  test('cannot keep it alive after its owner has revoked it', async () => {
    await loadWithKey({ revokedAtMs: NOW });
    const directory = await copy();
    expect(await codeOf(() => directory.checkSigner(kid(), 'hotline.de', NOW, NOW))).toBe('key-not-valid');
  });
});
