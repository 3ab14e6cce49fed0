import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadAnchors } from './anchors.js';
import { codeOf, testKey } from './fixture/test-network.js';

const dir = mkdtempSync(join(tmpdir(), 'entente-anchors-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const path = join(dir, 'anchors.json');
const load = (text: string) => {
  writeFileSync(path, text);
  return loadAnchors(path);
};
const keys = await Promise.all(['Ed25519', 'ES256', 'Ed25519'].map((kind) => testKey(kind as 'Ed25519')));
const publicKeys = keys.map(({ stated }) => ({
  ...JSON.parse(stated.jwk),
  kid: stated.kid,
  alg: stated.alg,
}));
const file = (change: object = {}) =>
  JSON.stringify({ network: 'test', threshold: 2, keys: publicKeys, ...change });

describe('loadAnchors', () => {
  test('reads k of n keys', async () => {
    const anchors = await load(file());
    expect(anchors).toMatchObject({ network: 'test', threshold: 2 });
    expect([...anchors.keys.keys()]).toEqual(keys.map(({ stated }) => stated.kid));
  });

  test('takes as many signatures as there are keys for a threshold', async () => {
    expect((await load(file({ threshold: 3 }))).threshold).toBe(3);
  });

  test('says of another file what it lacks', async () => {
    for (const text of ['null', '{}', '{"keys":{}}'])
      await expect(load(text)).rejects.toThrow(/is not a file of trust anchors .*: it has no list "keys"/);
  });

  test.each([
    ['no JSON', 'network: test'],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['no keys', file({ keys: [] })],
    ['keys that are no list', file({ keys: {} })],
    ['a key that is null', file({ keys: [null] })],
    ['no network', file({ network: undefined })],
    ['a network that is a number', file({ network: 7 })],
    ['a threshold of 0', file({ threshold: 0 })],
    ['a threshold of -1', file({ threshold: -1 })],
    ['a threshold of 1.5', file({ threshold: 1.5 })],
    ['a threshold in words', file({ threshold: '2' })],
    ['no threshold', file({ threshold: undefined })],
    ['a threshold above the number of keys', file({ threshold: 4 })],
    ['one key twice to reach the threshold', file({ keys: [publicKeys[0], publicKeys[0]] })],
    ['a kid that is not the thumbprint', file({ keys: [{ ...publicKeys[0], kid: publicKeys[1]?.kid }] })],
    ['a key without kid', file({ threshold: 1, keys: [{ ...publicKeys[0], kid: undefined }] })],
    ['a key of another algorithm', file({ threshold: 1, keys: [{ ...publicKeys[0], alg: 'ES256' }] })],
    ['a private key', file({ threshold: 1, keys: [keys[0]?.jwk] })],
  ])('refuses a file with %s', async (_what, text) => {
    expect(await codeOf(load(text))).toBe('anchors-malformed');
  });

  test('refuses a key for encryption', async () => {
    const { stated } = await testKey('X25519');
    const jwk = { ...JSON.parse(stated.jwk), kid: stated.kid, alg: stated.alg };
    expect(await codeOf(load(file({ threshold: 1, keys: [jwk] })))).toBe('anchors-malformed');
  });

  test('says so when there is no file', async () => {
    expect(await codeOf(loadAnchors(join(dir, 'absent.json')))).toBe('anchors-malformed');
  });
});
