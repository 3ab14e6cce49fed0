import type { wire } from '@entente/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkInspector } from './check-inspector.js';
import type { Directory } from './directory.js';
import { codeOf, member, NOW, type TestNetwork, testKey, testNetwork } from './fixture/test-network.js';
import { loadDirectory } from './load-directory.js';

let network: TestNetwork;
let directory: Directory;
beforeEach(async () => {
  network = await testNetwork();
  const { de, fr } = network;
  await network.writePart(de, {
    members: [
      ...de.part().members,
      await auditor('auditor.de', ['auditor'], ['auditor', 'regulator']),
      await auditor('clerk.de', ['ministry'], ['auditor']),
    ],
  });
  await network.writePart(fr, {
    members: [...fr.part().members, await auditor('auditor.fr', ['auditor'], ['auditor'])],
  });
  ({ directory } = await loadDirectory(network.dir, network.anchors, { nowMs: NOW }));
});
afterEach(() => network.remove());

const auditor = async (id: string, types: readonly string[], roles: readonly string[]) =>
  member(id, [await testKey('Ed25519')], { types, roles });

const check = (header: object, inspection = 'asked') =>
  codeOf(() => {
    const asked = { from: 'auditor.de', fromRole: 'auditor', to: 'hotline.de', toRole: 'hotline' };
    checkInspector(
      directory,
      { ...asked, ...header, statement: { inspection } } as unknown as wire.HeaderFrame,
      NOW,
    );
  });
const ANSWER = { from: 'hotline.de', fromRole: 'hotline', to: 'auditor.de', toRole: 'auditor' };

test('an auditor may ask a member of its nation, and be answered', async () => {
  expect(await check({})).toBeUndefined();
  expect(await check(ANSWER, 'opened')).toBeUndefined();
  expect(await check(ANSWER, 'not-opened')).toBeUndefined();
});

test.each([
  ['who is none', { from: 'hotline.de', to: 'auditor.de', toRole: 'auditor' }],
  ['who is none, in that role', { from: 'clerk.de' }],
  ['in another role', { fromRole: 'regulator' }],
  ['of another nation', { from: 'auditor.fr' }],
  ['about another nation', { to: 'hotline.fr' }],
  ['about itself', { to: 'auditor.de' }],
])('nobody asks %s', async (_, header) => {
  expect(await check(header)).toBe('inspect-not-allowed');
});

test.each([
  ['who is none', { to: 'clerk.de' }],
  ['in another role', { toRole: 'regulator' }],
  ['of another nation', { to: 'auditor.fr' }],
])('nothing is opened to one %s', async (_, header) => {
  expect(await check({ ...ANSWER, ...header }, 'opened')).toBe('inspect-not-allowed');
});

test('a request does not pass for an answer, nor an answer for a request', async () => {
  expect(await check({}, 'opened')).toBe('inspect-not-allowed');
  expect(await check(ANSWER, 'asked')).toBe('inspect-not-allowed');
});
