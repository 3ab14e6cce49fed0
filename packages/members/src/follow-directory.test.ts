import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Directory } from './directory.js';
import { codeOf, HOUR, member, NOW, type TestNetwork, testKey, testNetwork } from './fixture/test-network.js';
import { followDirectory } from './follow-directory.js';

let network: TestNetwork;
let changes: Directory[];
let faults: (string | undefined)[];
let loads: number;
beforeEach(async () => {
  network = await testNetwork();
  [changes, faults, loads] = [[], [], 0];
});
afterEach(() => network.remove());

const follow = (floor?: ReadonlyMap<string, number>, afterChange: () => Promise<void> = async () => {}) =>
  followDirectory(network.dir, network.anchors, {
    // The time is asked for once in each load.
    now: () => {
      loads += 1;
      return NOW;
    },
    ...(floor ? { floor } : {}),
    onChange: async (directory) => {
      changes.push(directory);
      await afterChange();
    },
    onFault: (fault) => void faults.push((fault as { readonly code?: string }).code),
  });
const versionOf = (directory: Directory, nation: string) => directory.nations.get(nation)?.part.version;

test('takes a new version when it is asked to look', async () => {
  const follower = await follow();
  const before = follower.current();
  await network.writePart(network.de, { version: 2, members: [member('isp.de', [])] });
  expect(follower.current()).toBe(before);
  await follower.refresh();
  expect(versionOf(follower.current(), 'DE')).toBe(2);
  expect(follower.current().member('isp.de', NOW).id).toBe('isp.de');
  expect(changes).toEqual([follower.current()]);
  expect(faults).toEqual([]);
  expect(versionOf(before, 'DE')).toBe(1);
});

test('reads nothing while no file has changed', async () => {
  const follower = await follow();
  for (let i = 0; i < 5; i++) await follower.refresh();
  expect(loads).toBe(1);
  await network.writePart(network.de, { version: 2 });
  for (let i = 0; i < 5; i++) await follower.refresh();
  expect(loads).toBe(2);
  expect(changes).toHaveLength(1);
});

test('who asks during a look gets another one, which sees what was written since the first began, and is the same for all', async () => {
  const meanwhile: Promise<void>[] = [];
  const follower = await follow(undefined, async () => {
    if (changes.length > 1) return;
    // The folder has been read, and the look is not over.
    await network.writePart(network.de, { version: 3 });
    for (let i = 0; i < 3; i++) meanwhile.push(follower.refresh());
  });
  await network.writePart(network.de, { version: 2 });
  await follower.refresh();
  expect(versionOf(follower.current(), 'DE')).toBe(2);
  await Promise.all(meanwhile);
  expect([versionOf(follower.current(), 'DE'), changes.length, loads]).toEqual([3, 2, 3]);
});

test('a look that fails ends none of those who wait for the next', async () => {
  const meanwhile: Promise<void>[] = [];
  const follower = await follow(undefined, async () => {
    if (changes.length > 1) return;
    await network.writePart(network.de, { version: 3 });
    meanwhile.push(follower.refresh());
    throw new Error('the change is not taken well');
  });
  await network.writePart(network.de, { version: 2 });
  await expect(follower.refresh()).rejects.toThrow('not taken well');
  await Promise.all(meanwhile);
  expect(versionOf(follower.current(), 'DE')).toBe(3);
});

test('sees a file that was put in the place of another', async () => {
  const follower = await follow();
  await network.writePart({ ...network.de, code: 'new' }, { version: 2, nation: 'DE' });
  renameSync(join(network.dir, 'new.part'), join(network.dir, 'de.part'));
  await follower.refresh();
  expect(versionOf(follower.current(), 'DE')).toBe(2);
});

test('reports a faulty part once, keeps the old one, and takes the others', async () => {
  const follower = await follow();
  writeFileSync(join(network.dir, 'de.part'), 'garbage');
  await network.writePart(network.fr, { version: 2 });
  await follower.refresh();
  await follower.refresh();
  expect(faults).toEqual(['part-not-trusted']);
  expect([versionOf(follower.current(), 'DE'), versionOf(follower.current(), 'FR')]).toEqual([1, 2]);
  expect(follower.current().member('hotline.de', NOW).id).toBe('hotline.de');
});

test('takes a part without another change of its file once the key that signed it is valid', async () => {
  const tomorrow = await testKey('Ed25519', { validFromMs: NOW + HOUR });
  const { de, fr } = network;
  const agencies = [
    { nation: 'DE', keys: [de.agency.stated, tomorrow.stated] },
    { nation: 'FR', keys: [fr.agency.stated] },
  ];
  await network.writeList({ version: 2, agencies });
  let nowMs = NOW;
  const follower = await followDirectory(network.dir, network.anchors, {
    now: () => nowMs,
    onFault: (fault) => void faults.push((fault as { readonly code?: string }).code),
  });
  await network.writePart(de, { version: 2 }, tomorrow);
  for (let i = 0; i < 3; i++) await follower.refresh();
  expect([versionOf(follower.current(), 'DE'), faults]).toEqual([1, ['part-not-trusted']]);
  nowMs = NOW + HOUR;
  await follower.refresh();
  expect([versionOf(follower.current(), 'DE'), faults]).toEqual([2, ['part-not-trusted']]);
});

test('says nothing of a change when only a fault has come', async () => {
  const follower = await follow();
  await network.writePart(network.de, { version: 2 }, network.fr.agency);
  await follower.refresh();
  expect([faults, changes]).toEqual([['part-not-trusted'], []]);
});

test('reports a list that cannot be believed, and keeps everything', async () => {
  const follower = await follow();
  const before = follower.current();
  await network.writeList({ version: 2 }, network.anchorKeys.slice(0, 1));
  await follower.refresh();
  rmSync(join(network.dir, 'nations.list'));
  await follower.refresh();
  expect(faults).toEqual(['list-not-trusted', 'list-unreadable']);
  expect(follower.current()).toBe(before);
});

test('never goes back, also over several versions', async () => {
  const follower = await follow();
  for (const version of [3, 2, 1]) {
    await network.writePart(network.de, { version });
    await follower.refresh();
  }
  expect(versionOf(follower.current(), 'DE')).toBe(3);
  expect(faults).toEqual(['version-goes-back', 'version-goes-back']);
});

test('starts without a part that is behind the floor, and says so', async () => {
  const follower = await follow(new Map([['DE', 5]]));
  expect(faults).toEqual(['version-goes-back']);
  expect([...follower.current().nations.keys()]).toEqual(['FR']);
  await network.writePart(network.de, { version: 5 });
  await follower.refresh();
  expect(versionOf(follower.current(), 'DE')).toBe(5);
});

test('does not start without a directory', async () => {
  rmSync(join(network.dir, 'nations.list'));
  expect(await codeOf(follow())).toBe('list-unreadable');
});
