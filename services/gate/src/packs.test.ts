import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signedPackFile } from '@entente/members';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Adopt, followAnew } from './fixture/follow-anew.js';
import { makeGround, type TestGround } from './fixture/test-ground.js';
import { addRule } from './fixture/test-packs.js';
import { LedgerRefusal } from './ledger-client.js';
import type { Packs } from './packs.js';

let ground: TestGround;
beforeAll(async () => {
  ground = await makeGround();
});
afterAll(() => ground?.remove());

let adopted: number[];
let packs: Packs;
let adopt: Adopt;
const follow = async () => await ground.follow();
const path = (nation: string) => join(ground.packs.dir, `${nation}.pack`);
const RULE = 'forbid (principal, action, resource) when { context.facts.itemCount > 900 };';
const [ONE, OTHER] = [addRule('one', RULE), addRule('other', RULE)];
const publish = async (version: number, more: Parameters<TestGround['packs']['publish']>[1] = {}) =>
  await ground.packs.publish(ground.nations.nl, { version, ...more });
beforeEach(async () => {
  ({ adopted, packs, adopt } = await followAnew(ground));
});

describe('the pack that a gate decides by', () => {
  it('is none before it is adopted', async () => {
    const fresh = await follow();
    expect(() => fresh.own()).toThrow('there is no pack of NL to decide by');
    expect(fresh.foreign('DE')).toBeUndefined();
  });

  it('is archived as it was signed, adopted, and then used', async () => {
    const fresh = await follow();
    const order: string[] = [];
    await fresh.refresh(async ({ pack, version }) => {
      expect(() => fresh.own()).toThrow();
      const archived = readFileSync(join(ground.archiveDir, `${pack.sha256}.pack`));
      expect(archived.equals(readFileSync(path('nl')))).toBe(true);
      const signed = readFileSync(join(ground.archiveDir, signedPackFile(pack.sha256, version)));
      expect(signed.equals(archived)).toBe(true);
      order.push(`adopted ${version}`);
    });
    expect(order).toEqual(['adopted 1']);
    const { pack, version } = fresh.own();
    expect([pack.nation, version]).toEqual(['NL', 1]);
    expect(ground.said()).toEqual([
      { level: 'info', message: 'pack in use', facts: { pack: pack.sha256, version: 1 } },
    ]);
    expect(fresh.foreign('DE')?.nation).toBe('DE');
    expect(fresh.foreign('FR')).toBeUndefined();
  });

  it('is read again when its file has changed, and not before', async () => {
    const before = packs.own();
    await packs.refresh(adopt);
    expect(packs.own()).toBe(before);
    const sha256 = await publish(2, { edit: ONE });
    await packs.refresh(adopt);
    expect(adopted).toEqual([2]);
    expect(packs.own()).toMatchObject({ version: 2, pack: { sha256 } });
    expect(ground.said().map(({ message }) => message)).toEqual(['pack in use']);
  });

  it('is not adopted again when only its version went up', async () => {
    await publish(7);
    await packs.refresh(adopt);
    expect(adopted).toEqual([]);
    const { pack, version } = packs.own();
    expect(version).toBe(7);
    // A log that begins anew adopts it as this version.
    const signed = readFileSync(join(ground.archiveDir, signedPackFile(pack.sha256, 7)));
    expect(signed.equals(readFileSync(path('nl')))).toBe(true);
    expect(ground.said()).toMatchObject([{ facts: { version: 7 } }]);
  });

  it('that could not be taken is tried again after a while, though its file is the same', async () => {
    await publish(2, { edit: ONE });
    let refusals = 0;
    const refuseFirst = async (pack: { readonly version: number }) => {
      refusals += 1;
      if (refusals === 1) throw new LedgerRefusal('version-goes-back', 'not yet');
      await adopt(pack);
    };
    for (let i = 0; i < 3; i++) await packs.refresh(refuseFirst);
    expect([packs.own().version, refusals]).toEqual([1, 1]);
    ground.clock.aheadMs = 30_000;
    for (let i = 0; i < 3; i++) await packs.refresh(refuseFirst);
    expect([packs.own().version, refusals, adopted]).toEqual([2, 2, [2]]);
  });

  it('goes on while the next one cannot be archived, which is told once', async () => {
    await publish(2, { edit: ONE });
    renameSync(ground.archiveDir, `${ground.archiveDir}.away`);
    writeFileSync(ground.archiveDir, 'in its place');
    for (let i = 0; i < 3; i++) await packs.refresh(adopt);
    expect([packs.own().version, adopted]).toEqual([1, []]);
    expect(ground.said()).toMatchObject([
      { level: 'error', message: 'ALARM: the pack of this nation cannot be taken' },
    ]);
    rmSync(ground.archiveDir);
    renameSync(`${ground.archiveDir}.away`, ground.archiveDir);
    ground.clock.aheadMs = 30_000;
    await packs.refresh(adopt);
    expect([packs.own().version, adopted]).toEqual([2, [2]]);
  });

  it('goes on while its file is away, which is told once', async () => {
    rmSync(path('nl'));
    await packs.refresh(adopt);
    await packs.refresh(adopt);
    expect(packs.own().version).toBe(1);
    expect(ground.said()).toMatchObject([
      { level: 'error', message: 'ALARM: the pack of this nation cannot be taken', facts: { nation: 'NL' } },
    ]);
    await publish(1);
    await packs.refresh(adopt);
    rmSync(path('nl'));
    await packs.refresh(adopt);
    expect(ground.said()).toHaveLength(1);
  });

  it.each<[string, RegExp, () => Promise<unknown>]>([
    [
      'that another nation signed',
      /not signed by its agency/,
      async () => await publish(2, { by: ground.nations.de.agency }),
    ],
    [
      'of another nation',
      /not signed by its agency|of "DE"/,
      async () => writeFileSync(path('nl'), readFileSync(path('de'))),
    ],
    ['that cannot be read', /.*/, async () => writeFileSync(path('nl'), 'anything')],
    [
      'that changed without a new version',
      /changed without a new version/,
      async () => await publish(1, { edit: OTHER }),
    ],
  ])('%s is not taken: the one before goes on', async (_what, words, lay) => {
    const before = packs.own();
    await lay();
    await packs.refresh(adopt);
    expect(adopted).toEqual([]);
    expect(packs.own()).toBe(before);
    const said = ground.said();
    expect(said).toMatchObject([
      { level: 'error', message: 'ALARM: the pack of this nation cannot be taken' },
    ]);
    const { err } = said[0]?.facts ?? {};
    expect(`${String(err)} ${err instanceof Error ? String(err.cause) : ''}`).toMatch(words);
  });

  it('never goes back behind a version that was taken', async () => {
    await publish(5, { edit: ONE });
    await packs.refresh(adopt);
    await publish(4, { edit: OTHER });
    await packs.refresh(adopt);
    expect(packs.own().version).toBe(5);
    expect(adopted).toEqual([5]);
    expect(String(ground.said().at(-1)?.facts.err)).toContain('has version 4, but 5 was taken before');
  });

  it('that the ledger finds too old is told, and the one before goes on', async () => {
    const before = packs.own();
    await publish(2, { edit: ONE });
    const refuse = async () => await Promise.reject(new LedgerRefusal('version-goes-back', 'pack 2'));
    await packs.refresh(refuse);
    expect(packs.own()).toBe(before);
    expect(ground.said()).toMatchObject([{ level: 'error', facts: { nation: 'NL' } }]);
  });

  it('that cannot be adopted now is adopted at the next look', async () => {
    await publish(2, { edit: ONE });
    for (const error of [new Error('no ledger'), new LedgerRefusal('adoption-stale', '')]) {
      await expect(packs.refresh(async () => await Promise.reject(error))).rejects.toBe(error);
      expect(packs.own().version).toBe(1);
    }
    await packs.refresh(adopt);
    expect(adopted).toEqual([2]);
  });
});

describe('the packs of counterparts', () => {
  it('are followed, too, and what is none is passed over', async () => {
    const { nations } = ground;
    const first = packs.foreign('DE');
    const edit = (dir: string) => writeFileSync(join(dir, 'de', 'more.cedar'), '// nothing\n');
    const sha256 = await ground.packs.publish(nations.de, { version: 2, edit });
    for (const name of ['deu.pack', 'de.pack.new', 'DE.pack', 'x-de.pack'])
      writeFileSync(join(ground.packs.dir, name), 'x');
    await packs.refresh(adopt);
    expect(packs.foreign('DE')?.sha256).toBe(sha256);
    expect(packs.foreign('DE')).not.toBe(first);
    expect(ground.said()).toEqual([]);
    expect(adopted).toEqual([]);
  });

  it('that cannot be believed are told of, and the one before goes on', async () => {
    const before = packs.foreign('DE');
    await ground.packs.publish(ground.nations.de, { version: 2, by: ground.nations.nl.agency });
    await packs.refresh(adopt);
    expect(packs.foreign('DE')).toBe(before);
    expect(ground.said()).toMatchObject([{ level: 'warn', facts: { nation: 'DE' } }]);
  });
});

describe('a gate does not start', () => {
  it('without a pack of its nation, or with one that it cannot believe', async () => {
    await publish(1, { by: ground.nations.de.agency });
    await expect(follow()).rejects.toMatchObject({ code: 'pack-not-trusted' });
    rmSync(path('nl'));
    await expect(follow()).rejects.toThrow(
      /cannot read .*nl\.pack\. The agency makes it with: entente policy build/,
    );
  });
});
