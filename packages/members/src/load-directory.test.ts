import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { wire } from '@entente/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  codeOf,
  HOUR,
  member,
  NOW,
  type TestNation,
  type TestNetwork,
  testKey,
  testNetwork,
} from './fixture/test-network.js';
import { LIST_FILE, loadDirectory } from './load-directory.js';

let network: TestNetwork;
let de: TestNation;
let fr: TestNation;
beforeEach(async () => {
  network = await testNetwork();
  ({ de, fr } = network);
});
afterEach(() => network.remove());

type Options = Partial<Parameters<typeof loadDirectory>[2]>;
const load = (options: Options = {}) =>
  loadDirectory(network.dir, network.anchors, { nowMs: NOW, ...options });
const codeOfLoad = async (options: Options = {}) => await codeOf(load(options));
/** Which nations are there, at which version, and what was wrong. */
const outcome = async (options: Options = {}) => {
  const { directory, faults } = await load(options);
  return {
    nations: Object.fromEntries([...directory.nations].map(([code, { part }]) => [code, part.version])),
    faults: faults.map(({ code }) => code),
  };
};
const frOnly = (fault: string) => ({ nations: { FR: 1 }, faults: [fault] });
const path = (file: string) => join(network.dir, file);

test('loads every nation of the list', async () => {
  expect(await outcome()).toEqual({ nations: { DE: 1, FR: 1 }, faults: [] });
  expect((await load()).directory.versions).toEqual([
    { part: 'nations', version: 1 },
    { part: 'DE', version: 1 },
    { part: 'FR', version: 1 },
  ]);
});

test('takes nothing that the list does not name, whoever signed it', async () => {
  const agencies = network.listOf().agencies.filter(({ nation }) => nation === 'FR');
  await network.writeList({ agencies, version: 2 });
  expect(await outcome()).toEqual({ nations: { FR: 1 }, faults: [] });
  expect(await outcome({ previous: (await load()).directory })).toEqual({ nations: { FR: 1 }, faults: [] });
});

describe('a list that cannot be believed stops all', () => {
  test('absent', async () => {
    rmSync(path(LIST_FILE));
    expect(await codeOfLoad()).toBe('list-unreadable');
  });

  test('signed by too few', async () => {
    await network.writeList({}, network.anchorKeys.slice(0, 1));
    expect(await codeOfLoad()).toBe('list-not-trusted');
  });

  test('of another network', async () => {
    await network.writeList({ network: 'live' });
    expect(await codeOfLoad()).toBe('list-not-trusted');
  });

  test('expired, from its last millisecond on', async () => {
    const { validUntilMs } = network.listOf();
    expect(await codeOfLoad({ nowMs: validUntilMs - 1 })).toBeUndefined();
    expect(await codeOfLoad({ nowMs: validUntilMs })).toBe('list-expired');
  });

  test.each(['../de', 'de', 'nations', '__proto__', 'D', 'DE\0', ''])('with the nation %j', async (code) => {
    await network.writeList({ agencies: [{ nation: code, keys: [de.agency.stated] }] });
    expect(await codeOfLoad()).toBe('list-not-trusted');
  });

  test('with two agencies for one nation', async () => {
    const agencies = [de, fr].map(({ agency }) => ({ nation: 'DE', keys: [agency.stated] }));
    await network.writeList({ agencies });
    expect(await codeOfLoad()).toBe('list-not-trusted');
  });

  test('going back behind what was seen, by floor and by previous', async () => {
    expect(await codeOfLoad({ floor: new Map([['nations', 2]]) })).toBe('version-goes-back');
    await network.writeList({ version: 3 });
    const { directory: previous } = await load();
    await network.writeList({ version: 2 });
    expect(await codeOfLoad({ previous })).toBe('version-goes-back');
    // The higher of the two counts.
    await network.writeList({ version: 4 });
    expect(await codeOfLoad({ previous, floor: new Map([['nations', 5]]) })).toBe('version-goes-back');
    expect(await codeOfLoad({ previous, floor: new Map([['nations', 4]]) })).toBeUndefined();
  });

  test('changed under the same version', async () => {
    const { directory: previous } = await load();
    await network.writeList({ validUntilMs: NOW + 501 * HOUR });
    expect(await codeOfLoad({ previous })).toBe('version-goes-back');
  });
});

test('a fault of ours does not leave out a nation', async () => {
  const { directory } = await load();
  const kept = directory.nations.get('DE');
  rmSync(path('de.part'));
  const faulty = new Map([['DE', { ...(kept as NonNullable<typeof kept>), bytes: null as never }]]);
  await expect(load({ previous: { ...directory, nations: faulty } })).rejects.toThrow(TypeError);
});

test('a further signature on the same list is no change', async () => {
  const { directory: previous } = await load();
  await network.writeList({}, network.anchorKeys);
  expect(await codeOfLoad({ previous })).toBeUndefined();
});

describe('a part that cannot be believed stops its own nation only', () => {
  test.each<[string, string, () => Promise<void> | void]>([
    ['absent', 'nation-unknown', () => rmSync(path('de.part'))],
    ['empty', 'part-not-trusted', () => writeFileSync(path('de.part'), '')],
    ['garbage', 'part-not-trusted', () => writeFileSync(path('de.part'), Buffer.alloc(500, 0xff))],
    ['signed by another agency', 'part-not-trusted', () => network.writePart(de, {}, fr.agency)],
    ['signed by one of its members', 'part-not-trusted', () => network.writePart(de, {}, de.sign)],
    ['for another nation', 'part-malformed', () => network.writePart(de, { nation: 'FR' })],
    ['for a nation in small letters', 'part-malformed', () => network.writePart(de, { nation: 'de' })],
    [
      'the part of another nation',
      'part-not-trusted',
      () => writeFileSync(path('de.part'), readFileSync(path('fr.part'))),
    ],
  ])('%s', async (_what, code, harm) => {
    await harm();
    expect(await outcome()).toEqual(frOnly(code));
  });

  test('going back behind the floor', async () => {
    expect(await outcome({ floor: new Map([['DE', 2]]) })).toEqual(frOnly('version-goes-back'));
    expect(await outcome({ floor: new Map([['DE', 1]]) })).toEqual({ nations: { DE: 1, FR: 1 }, faults: [] });
  });

  const malformed: [string, (de: TestNation) => readonly wire.MemberFrame[]][] = [
    ['a member of another nation', ({ sign }) => [member('hotline.fr', [sign])]],
    ['a member in capitals', ({ sign }) => [member('Hotline.de', [sign])]],
    ['a member with a NUL', ({ sign }) => [member('hotline.de\0', [sign])]],
    ['a member with a line end', ({ sign }) => [member('hotline.de\n', [sign])]],
    ['a member called __proto__', ({ sign }) => [member('__proto__', [sign])]],
    ['a member called constructor', ({ sign }) => [member('constructor', [sign])]],
    ['a member with a wildcard', ({ sign }) => [member('*.de', [sign])]],
    ['a member without a name', ({ sign }) => [member('.de', [sign])]],
    ['an unknown type', ({ sign }) => [member('hotline.de', [sign], { types: ['hotline', 'king'] })]],
    ['an unknown role', ({ sign }) => [member('hotline.de', [sign], { roles: ['isp'] })]],
    ['a role of prototypes', ({ sign }) => [member('hotline.de', [sign], { roles: ['constructor'] })]],
    [
      'a member twice',
      ({ sign, decrypt }) => [member('hotline.de', [sign]), member('hotline.de', [decrypt])],
    ],
    ['a key twice in a member', ({ sign }) => [member('hotline.de', [sign, sign])]],
    ['a key with two members', ({ sign }) => [member('hotline.de', [sign]), member('isp.de', [sign])]],
  ];
  test.each(malformed)('%s', async (_what, members) => {
    await network.writePart(de, { members: members(de) });
    expect(await outcome()).toEqual(frOnly('part-malformed'));
  });

  const badKeys: [string, (key: wire.PublicKeyFrame, jwk: object) => Partial<wire.PublicKeyFrame>][] = [
    ['a private key', (_, jwk) => ({ jwk: JSON.stringify(jwk) })],
    ['a kid that is not the thumbprint', () => ({ kid: 'A'.repeat(43) })],
    ['a use that is unknown', () => ({ use: 'both' })],
    ['the use of another kind of key', () => ({ use: 'enc' })],
    ['an algorithm that is not allowed', () => ({ alg: 'RS256' })],
    ['no algorithm', () => ({ alg: 'none' })],
    ['another algorithm than its curve', () => ({ alg: 'ES256' })],
    ['a key that is no JSON', () => ({ jwk: '{' })],
    ['a key that is null', () => ({ jwk: 'null' })],
    ['a symmetric key', () => ({ jwk: '{"kty":"oct","k":"AAAA"}' })],
  ];
  test.each(badKeys)('%s', async (_what, change) => {
    const key = { ...de.sign, stated: { ...de.sign.stated, ...change(de.sign.stated, de.sign.jwk) } };
    await network.writePart(de, { members: [member('hotline.de', [key])] });
    expect(await outcome()).toEqual(frOnly('part-malformed'));
  });

  test('a private key of the gate', async () => {
    const keys = [{ ...de.part().gate?.keys[0], jwk: JSON.stringify((await testKey('X25519')).jwk) }];
    await network.writePart(de, { gate: { nkey: '', crossNkey: '', keys: keys as wire.PublicKeyFrame[] } });
    expect(await outcome()).toEqual(frOnly('part-malformed'));
  });

  test.each<[string, Partial<wire.PublicKeyFrame>]>([
    ['revoked', { revokedAtMs: NOW }],
    ['expired', { validUntilMs: NOW }],
    ['not yet valid', { validFromMs: NOW + 1 }],
    ['unusable', { alg: 'RS256' }],
    ['malformed', { jwk: '{' }],
  ])('an agency whose key is %s', async (_what, change) => {
    const [first, second] = network.listOf().agencies;
    const keys = first?.keys.map((key) => ({ ...key, ...change })) ?? [];
    await network.writeList({ agencies: [{ nation: 'DE', keys }, second as never] });
    expect(await outcome()).toEqual(frOnly('part-not-trusted'));
  });
});

describe('with a previous directory', () => {
  const kept = (fault: string) => ({ nations: { DE: 2, FR: 1 }, faults: [fault] });
  const loadVersion2 = async () => {
    await network.writePart(de, { version: 2 });
    return (await load()).directory;
  };

  test.each<[string, string, () => Promise<void> | void]>([
    ['that is absent', 'nation-unknown', () => rmSync(path('de.part'))],
    ['that is garbage', 'part-not-trusted', () => writeFileSync(path('de.part'), 'garbage')],
    ['that goes back', 'version-goes-back', () => network.writePart(de, { version: 1 })],
    [
      'of the same version and other bytes',
      'version-goes-back',
      () => network.writePart(de, { version: 2, issuedAtMs: NOW + 1 }),
    ],
    [
      'with a foreign member',
      'part-malformed',
      () => network.writePart(de, { version: 3, members: [member('hotline.fr', [])] }),
    ],
  ])('the last good version is kept instead of a part %s', async (_what, code, harm) => {
    const previous = await loadVersion2();
    await harm();
    const { directory } = await load({ previous });
    expect(await outcome({ previous })).toEqual(kept(code));
    expect(directory.sha256).toEqual(previous.sha256);
  });

  test('nothing is kept that was signed by a key which the list has revoked since', async () => {
    const previous = await loadVersion2();
    const agencies = network.listOf().agencies.map(({ nation, keys }) => ({
      nation,
      keys: keys.map((key) => ({ ...key, revokedAtMs: nation === 'DE' ? NOW : 0 })),
    }));
    await network.writeList({ version: 2, agencies });
    expect(await outcome({ previous })).toEqual(frOnly('part-not-trusted'));
  });

  test('a part goes on under the new key of its agency', async () => {
    const previous = await loadVersion2();
    const key = await testKey('ES256');
    const agencies = network
      .listOf()
      .agencies.map((agency) => (agency.nation === 'DE' ? { nation: 'DE', keys: [key.stated] } : agency));
    await network.writeList({ version: 2, agencies });
    await network.writePart(de, { version: 3 }, key);
    expect(await outcome({ previous })).toEqual({ nations: { DE: 3, FR: 1 }, faults: [] });
  });
});
