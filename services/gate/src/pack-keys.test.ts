import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPack, readUnverified, signedPackFile } from '@entente/members';
import { importPublicKey } from '@entente/seal';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Adopt, followAnew } from './fixture/follow-anew.js';
import { makeGround, type TestGround } from './fixture/test-ground.js';
import { testKey } from './fixture/test-nations.js';
import { addRule, type Publication } from './fixture/test-packs.js';
import type { Packs } from './packs.js';

let ground: TestGround;
beforeAll(async () => {
  ground = await makeGround();
});
afterAll(() => ground?.remove());

let packs: Packs;
let adopt: Adopt;
const ONE = addRule('one', 'forbid (principal, action, resource) when { context.facts.itemCount > 900 };');
const publish = async (publication: Publication) =>
  await ground.packs.publish(ground.nations.nl, publication);
beforeEach(async () => {
  ({ packs, adopt } = await followAnew(ground));
});

describe('when an agency has another key', () => {
  it('a pack that was refused is looked at again when the directory has changed', async () => {
    const next = await testKey('Ed25519', Date.now());
    await publish({ version: 2, edit: ONE, by: next });
    await packs.refresh(adopt);
    expect(packs.own().version).toBe(1);
    const before = ground.gate.directory();
    ground.useDirectory(await agencyOfNl([ground.nations.nl.agency.stated, next.stated]));
    await packs.refresh(adopt);
    expect(packs.own().version).toBe(2);
    ground.useDirectory(before);
  });
});

describe('when the key of an agency is revoked', () => {
  it('what it signed decides nothing more, at once, until the agency signs again', async () => {
    const before = ground.gate.directory();
    const next = await testKey('Ed25519', Date.now());
    const revoked = { ...ground.nations.nl.agency.stated, revokedAtMs: Date.now() - 1 };
    const directory = await agencyOfNl([revoked, next.stated]).catch(() => undefined);
    // The part of the directory was signed with the same key; the list alone says what the agency may sign.
    const list = {
      ...before.list,
      agencies: before.list.agencies.map((one) =>
        one.nation === 'NL' ? { nation: 'NL', keys: [revoked, next.stated] } : one,
      ),
    };
    ground.useDirectory(directory ?? { ...before, list, sha256: Buffer.alloc(32, 9) });
    await packs.refresh(adopt);
    expect(() => packs.own()).toThrow('its key is revoked');
    expect(packs.foreign('DE')).toBeDefined();
    expect(ground.said().map(({ message }) => message)).toEqual([
      'ALARM: the key that signed the pack in use does not hold any more',
      'ALARM: the pack of this nation cannot be taken',
    ]);
    const signed = { first: readFileSync(join(ground.packs.dir, 'nl.pack')) };
    await publish({ by: next });
    await packs.refresh(adopt);
    expect(packs.own().version).toBe(1);
    // Whoever reads the log of before asks under the key of before.
    const { pack } = packs.own();
    const kept = readFileSync(join(ground.archiveDir, signedPackFile(pack.sha256, 1)));
    for (const key of [ground.nations.nl.agency, next]) {
      const keys = new Map([[key.stated.kid, await importPublicKey(key.stated.jwk, key.stated)]]);
      const bundle = Buffer.from((await openPack(kept, 'NL', keys)).bundle);
      expect(bundle.equals(readUnverified(signed.first))).toBe(true);
    }
    ground.useDirectory(before);
  });

  it('what it signed decides nothing from the moment that the directory says so, and not from the next look at it', async () => {
    const before = ground.gate.directory();
    const nowMs = Date.now();
    const agencies = (revokedAtMs: number) =>
      before.list.agencies.map((one) => ({ ...one, keys: one.keys.map((key) => ({ ...key, revokedAtMs })) }));
    ground.useDirectory({ ...before, list: { ...before.list, agencies: agencies(nowMs + 60_000) } });
    expect(packs.own(nowMs + 59_999).version).toBe(1);
    expect(() => packs.own(nowMs + 60_000)).toThrow('its key is revoked');
    ground.useDirectory({ ...before, list: { ...before.list, agencies: agencies(nowMs - 1) } });
    expect(() => packs.own()).toThrow('its key is revoked');
    ground.useDirectory(before);
    expect(packs.own().version).toBe(1);
  });

  it("a counterpart's pack is forgotten without an alarm", async () => {
    const before = ground.gate.directory();
    expect(packs.foreign('DE')).toBeDefined();
    const list = {
      ...before.list,
      agencies: before.list.agencies.map((one) => (one.nation === 'DE' ? { ...one, keys: [] } : one)),
    };
    ground.useDirectory({ ...before, list, sha256: Buffer.alloc(32, 9) });
    await packs.refresh(adopt);
    expect(packs.foreign('DE')).toBeUndefined();
    expect(packs.own().version).toBe(1);
    expect(ground.said()).toMatchObject([
      { level: 'warn', message: 'the pack of a counterpart cannot be taken', facts: { nation: 'DE' } },
    ]);
    ground.useDirectory(before);
  });
});

it('a fault of ours while a signature is checked again is no revoked key', async () => {
  const before = ground.gate.directory();
  const fault = new TypeError('of ours');
  const agencies = before.list.agencies.map((one) => ({
    ...one,
    keys: one.keys.map((key) => ({
      ...key,
      get jwk(): string {
        throw fault;
      },
    })),
  }));
  ground.useDirectory({ ...before, list: { ...before.list, agencies }, sha256: Buffer.alloc(32, 9) });
  await expect(packs.refresh(adopt)).rejects.toBe(fault);
  expect(packs.own().version).toBe(1);
  ground.useDirectory(before);
});

describe('while the directory stays the same', () => {
  const withAgencyKeys = (change: object) => {
    const before = ground.gate.directory();
    const agencies = before.list.agencies.map((one) => ({
      ...one,
      keys: one.keys.map((key) => ({ ...key, ...change })),
    }));
    return { ...before, list: { ...before.list, agencies } };
  };

  it('ends what a key has signed when the time of the key is over', async () => {
    const before = ground.gate.directory();
    ground.useDirectory(withAgencyKeys({ validUntilMs: Date.now() + 60_000 }));
    await packs.refresh(adopt);
    expect(packs.own().version).toBe(1);
    ground.clock.aheadMs = 120_000;
    await packs.refresh(adopt);
    expect(() => packs.own()).toThrow('its key is revoked');
    expect(packs.foreign('DE')).toBeUndefined();
    ground.useDirectory(before);
  });

  it('does not check the signatures of all nations again at each look', async () => {
    const before = ground.gate.directory();
    // Nothing could be checked with these.
    ground.useDirectory(withAgencyKeys({ jwk: '{}' }));
    await packs.refresh(adopt);
    expect(packs.own().version).toBe(1);
    expect(packs.foreign('DE')).toBeDefined();
    ground.useDirectory(before);
  });
});

/** The directory with these keys of the Dutch agency. */
async function agencyOfNl(
  keys: readonly TestGround['nations']['list']['agencies'][number]['keys'][number][],
) {
  const { nations } = ground;
  const agencies = nations.list.agencies.map((one) => (one.nation === 'NL' ? { nation: 'NL', keys } : one));
  await nations.writeList({ version: 2, agencies });
  const directory = await nations.load();
  await nations.writeList();
  return directory;
}
