import { wire } from '@entente/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundleDirectory, openDirectoryBundle } from './directory-bundle.js';
import { codeOf, NOW, type TestNetwork, testAnchors, testKey, testNetwork } from './fixture/test-network.js';
import { loadDirectory } from './load-directory.js';

let network: TestNetwork;
let bytes: Uint8Array;
beforeEach(async () => {
  network = await testNetwork();
  bytes = bundleDirectory((await loadDirectory(network.dir, network.anchors, { nowMs: NOW })).directory);
});
afterEach(() => network.remove());

const open = async (bundle: Uint8Array) => await openDirectoryBundle(bundle, network.anchors, NOW);
const without = (nation: string) => {
  const { list, nations } = wire.directoryBundle.decode(bytes);
  return wire.directoryBundle.encode({ list, nations: nations.filter((one) => one.nation !== nation) });
};

test('a bundle opens as the very directory that it was made of', async () => {
  const { directory } = await loadDirectory(network.dir, network.anchors, { nowMs: NOW });
  const opened = await open(bytes);
  expect(Buffer.from(opened.sha256)).toEqual(Buffer.from(directory.sha256));
  expect(opened.versions).toEqual(directory.versions);
  expect(bundleDirectory(opened)).toEqual(bytes);
});

test('a nation that is left out is absent, and makes it another directory', async () => {
  const opened = await open(without('FR'));
  expect([...opened.nations.keys()]).toEqual(['DE']);
  expect(Buffer.from(opened.sha256)).not.toEqual(Buffer.from((await open(bytes)).sha256));
});

test('nobody but the anchors and the agencies can make one', async () => {
  const strangers = await testAnchors([await testKey('Ed25519'), await testKey('Ed25519')], 2);
  expect(await codeOf(openDirectoryBundle(bytes, strangers, NOW))).toBe('list-not-trusted');
  const { list, nations } = wire.directoryBundle.decode(bytes);
  const swapped = nations.map(({ nation }, i) => ({ nation, part: nations[1 - i]?.part ?? list }));
  expect(await codeOf(open(wire.directoryBundle.encode({ list, nations: swapped })))).toBe(
    'part-not-trusted',
  );
});

test('what is no bundle is refused', async () => {
  await expect(open(Buffer.from('no bundle'))).rejects.toMatchObject({ code: 'frame-malformed' });
});
