import { wire } from '@entente/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { datePack } from './date-pack.js';
import {
  codeOf,
  HOUR,
  NOW,
  type TestKey,
  type TestNetwork,
  testKey,
  testNetwork,
} from './fixture/test-network.js';
import { loadDirectory } from './load-directory.js';
import { signPack } from './signed-part.js';

const bundle = Buffer.from('what a pack holds is for others to read');
let network: TestNetwork;
beforeEach(async () => {
  network = await testNetwork();
});
afterEach(() => network.remove());

/** By a directory in which the German agency has these keys. */
const dated = async (
  signed: Uint8Array,
  keys: readonly (readonly [TestKey, Partial<wire.PublicKeyFrame>])[],
) => {
  const { directory } = await loadDirectory(network.dir, network.anchors, { nowMs: NOW });
  const stated = keys.map(([key, change]) => ({ ...key.stated, ...change }));
  const agencies = directory.list.agencies.map((one) =>
    one.nation === 'DE' ? { ...one, keys: stated } : one,
  );
  return await datePack({ ...directory, list: { ...directory.list, agencies } }, 'DE', signed);
};
const join = (...files: readonly Uint8Array[]) =>
  wire.signedPart.encode({ seals: files.flatMap((file) => wire.signedPart.decode(file).seals) });

test('a pack may be decided by while a key that has signed it is valid, until that is revoked', async () => {
  const [one, two] = [await testKey('Ed25519'), await testKey('Ed25519')];
  const times = { validFromMs: NOW, validUntilMs: NOW + HOUR };
  const signed = await signPack(bundle, one.signer);
  const spansOf = async (change: object) => (await dated(signed, [[one, { ...times, ...change }]])).spans;
  expect(await spansOf({})).toEqual([{ fromMs: NOW, untilMs: NOW + HOUR }]);
  expect(await spansOf({ revokedAtMs: NOW + 5 })).toEqual([{ fromMs: NOW, untilMs: NOW + 5 }]);
  expect(await spansOf({ revokedAtMs: NOW + 2 * HOUR })).toEqual([{ fromMs: NOW, untilMs: NOW + HOUR }]);
  const both = join(signed, await signPack(bundle, two.signer));
  const found = await dated(both, [
    [one, { ...times, revokedAtMs: NOW + 5 }],
    [two, { validFromMs: NOW + 9, validUntilMs: NOW + HOUR }],
  ]);
  expect(Buffer.from(found.bundle).equals(bundle)).toBe(true);
  expect(found.spans).toEqual([
    { fromMs: NOW, untilMs: NOW + 5 },
    { fromMs: NOW + 9, untilMs: NOW + HOUR },
  ]);
});

test('what a key has signed beside it, or a stranger, dates no pack', async () => {
  const [one, two] = [await testKey('Ed25519'), await testKey('Ed25519')];
  const stated = [
    [one, {}],
    [two, {}],
  ] as const;
  const signed = await signPack(bundle, one.signer);
  const other = await signPack(Buffer.from('other'), two.signer);
  expect(await codeOf(dated(join(signed, other), stated))).toBe('pack-not-trusted');
  expect(await codeOf(dated(signed, [[two, {}]]))).toBe('pack-not-trusted');
  expect(await codeOf(dated(signed, [[one, { jwk: '{}' }]]))).toBe('pack-not-trusted');
});
