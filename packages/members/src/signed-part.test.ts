import { wire } from '@entente/contract';
import { importPublicKey } from '@entente/seal';
import { afterAll, describe, expect, test } from 'vitest';
import { codeOf, NOW, type TestKey, testKey, testNetwork } from './fixture/test-network.js';
import {
  openList,
  openPack,
  openPart,
  readUnverified,
  signList,
  signPack,
  signPart,
  withEarlierSeals,
} from './signed-part.js';

const network = await testNetwork();
afterAll(network.remove);
const { anchors, listOf, de } = network;
const [one, two, three] = network.anchorKeys;
const stranger = await testKey('Ed25519');

const sign = (list: wire.NationListFrame, ...signers: TestKey[]) =>
  signList(
    list,
    signers.map(({ signer }) => signer),
  );
const open = (bytes: Uint8Array, threshold = 2) => openList(bytes, anchors.keys, threshold);
const codeOfList = async (bytes: Uint8Array, threshold?: number) => await codeOf(open(bytes, threshold));
const sealsOf = (bytes: Uint8Array) => wire.signedPart.decode(bytes).seals;
const join = (...files: Uint8Array[]) => wire.signedPart.encode({ seals: files.flatMap(sealsOf) });

describe('a list of nations', () => {
  test('opens under any k of its n keys, in any order', async () => {
    for (const signers of [
      [one, two],
      [two, one],
      [three, two],
      [one, two, three],
    ]) {
      expect(await open(await sign(listOf(), ...signers))).toEqual(listOf());
    }
  });

  test('is refused under k - 1 signatures', async () => {
    expect(await codeOfList(await sign(listOf(), one))).toBe('list-not-trusted');
    expect(await codeOfList(await sign(listOf(), one, two), 3)).toBe('list-not-trusted');
  });

  test('is refused without a signature', async () => {
    expect(await codeOfList(new Uint8Array())).toBe('list-not-trusted');
    expect(await codeOfList(await sign(listOf()), 1)).toBe('list-not-trusted');
  });

  test('counts a key once, however often it signed', async () => {
    expect(await codeOfList(await sign(listOf(), one, one))).toBe('list-not-trusted');
    // ES256 signs differently each time: still one key.
    expect(await codeOfList(await sign(listOf(), two, two, two))).toBe('list-not-trusted');
  });

  test('passes over the signatures of unknown keys, and does not count them', async () => {
    expect(await codeOfList(await sign(listOf(), one, stranger))).toBe('list-not-trusted');
    expect(await open(await sign(listOf(), stranger, one, stranger, two))).toEqual(listOf());
  });

  test('does not let an unknown key bring in another content', async () => {
    const forged = await sign(listOf({ version: 9 }), stranger);
    expect((await open(join(forged, await sign(listOf(), one, two)))).version).toBe(1);
  });

  test('is refused when two anchors signed different contents', async () => {
    const files = [await sign(listOf(), one), await sign(listOf({ version: 2 }), two)] as const;
    expect(await codeOfList(join(...files))).toBe('list-not-trusted');
    expect(await codeOfList(join(...files, await sign(listOf(), three)))).toBe('list-not-trusted');
  });

  test('does not count a signature that was moved to another content', async () => {
    const [good = '', other = ''] = [await sign(listOf(), one, two), await sign(listOf({ version: 2 }), one)]
      .map((file) => sealsOf(file)[0] ?? new Uint8Array())
      .map((seal) => Buffer.from(seal).toString('latin1'));
    const moved = [...good.split('.').slice(0, 2), other.split('.')[2]].join('.');
    const seals = [Buffer.from(moved), ...sealsOf(await sign(listOf(), two))];
    expect(await codeOfList(wire.signedPart.encode({ seals }))).toBe('list-not-trusted');
  });

  test('is refused with more signatures than anyone needs', async () => {
    const many = Array.from({ length: 17 }, () => one);
    expect(await codeOfList(await sign(listOf(), ...many), 1)).toBe('list-not-trusted');
    expect(await codeOfList(await sign(listOf(), ...many.slice(1)), 1)).toBeUndefined();
  });

  test('is refused after any change to any of its bytes', async () => {
    const file = Buffer.from(await sign(listOf(), one, two));
    for (let at = 0; at < file.length; at += 7) {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(await codeOfList(changed), `byte ${at}`).toBe('list-not-trusted');
    }
    expect(await codeOfList(file.subarray(0, -1))).toBe('list-not-trusted');
    expect(await codeOfList(Buffer.concat([file, Buffer.of(0)]))).toBe('list-not-trusted');
  });

  test('is refused in the place of a part, and a part in its place', async () => {
    const part = await signPart(de.part(), one.signer);
    const list = await sign(listOf(), one);
    expect(await codeOfList(part, 1)).toBe('list-not-trusted');
    expect(await codeOf(openPart(list, 'DE', anchors.keys))).toBe('part-not-trusted');
  });
});

describe('a part', () => {
  const keys = new Map([...anchors.keys].slice(0, 1));

  test('opens under its agency', async () => {
    const part = de.part({ issuedAtMs: NOW + 1 });
    expect(await openPart(await signPart(part, one.signer), 'DE', keys)).toEqual(part);
  });

  test('is refused under another key, under none, and as garbage', async () => {
    const file = await signPart(de.part(), stranger.signer);
    expect(await codeOf(openPart(file, 'DE', keys))).toBe('part-not-trusted');
    expect(await codeOf(openPart(await signPart(de.part(), one.signer), 'DE', new Map()))).toBe(
      'part-not-trusted',
    );
    expect(await codeOf(openPart(Buffer.from('garbage'), 'DE', keys))).toBe('part-not-trusted');
    expect(await codeOf(openPart(Buffer.alloc(2 * 1024 * 1024), 'DE', keys))).toBe('part-not-trusted');
  });
});

test('a fault of ours is not taken for one of the signatures', async () => {
  const fault = new TypeError('of ours');
  class Broken extends Map<string, never> {
    override get(): never {
      throw fault;
    }
  }
  const broken = new Broken();
  const part = await signPart(de.part(), one.signer);
  await expect(openPart(part, 'DE', broken)).rejects.toBe(fault);
  await expect(openList(await sign(listOf(), one), broken, 1)).rejects.toBe(fault);
  await expect(openPack(await signPack(part, one.signer), 'DE', broken)).rejects.toBe(fault);
});

describe('a policy pack', () => {
  const bundle = Buffer.from('what a pack holds is for others to read');
  const keysOf = async (...keys: TestKey[]) =>
    new Map(
      await Promise.all(
        keys.map(async ({ stated }) => [stated.kid, await importPublicKey(stated.jwk, stated)] as const),
      ),
    );

  test('opens under a key of its nation, and reads the same unverified', async () => {
    const signed = await signPack(bundle, one.signer);
    expect(Buffer.from((await openPack(signed, 'DE', await keysOf(two, one))).bundle)).toEqual(bundle);
    expect(Buffer.from(readUnverified(signed))).toEqual(bundle);
  });

  test.each<[string, () => Promise<Uint8Array>]>([
    ['signed by a stranger', async () => await signPack(bundle, stranger.signer)],
    ['signed by nobody', async () => wire.signedPart.encode({ seals: [] })],
    ['that is a part of the directory', async () => await signPart(de.part(), one.signer)],
    ['that is a list of nations', async () => await sign(listOf(), one)],
    ['that is no signed file', async () => bundle],
    [
      'with a byte changed',
      async () =>
        (await signPack(bundle, one.signer)).map((byte, i, all) => (i === all.length - 40 ? byte ^ 1 : byte)),
    ],
    [
      'over two contents',
      async () => join(await signPack(bundle, one.signer), await signPack(Buffer.from('other'), two.signer)),
    ],
  ])('is refused %s', async (_what, make) => {
    const code = await codeOf(openPack(await make(), 'DE', await keysOf(one, two)));
    expect(code).toBe('pack-not-trusted');
  });

  test('keeps the signatures that it had, and none of another content', async () => {
    const [first, again] = [await signPack(bundle, one.signer), await signPack(bundle, two.signer)];
    const both = withEarlierSeals(again, first);
    for (const key of [one, two])
      expect(Buffer.from((await openPack(both, 'DE', await keysOf(key))).bundle)).toEqual(bundle);
    expect(withEarlierSeals(again, both)).toEqual(both);
    const other = await signPack(Buffer.from('other'), one.signer);
    for (const earlier of [other, Buffer.from('garbage')])
      expect(Buffer.from(withEarlierSeals(again, earlier)).equals(again)).toBe(true);
  });

  test('does not pass for a part of the directory', async () => {
    const signed = await signPack(wire.nationPart.encode(de.part()), one.signer);
    expect(await codeOf(openPart(signed, 'DE', await keysOf(one)))).toBe('part-not-trusted');
  });
});
