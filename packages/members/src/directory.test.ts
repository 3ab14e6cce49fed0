import { readFileSync, writeFileSync } from 'node:fs';
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

describe('member', () => {
  test('says the nation, types and roles', async () => {
    expect((await load()).member('hotline.de', NOW)).toEqual({
      id: 'hotline.de',
      nation: 'DE',
      types: ['hotline'],
      roles: ['hotline'],
    });
  });

  test.each([
    'isp.de',
    'hotline.nl',
    'HOTLINE.DE',
    'Hotline.de',
    'hotline.de\0',
    'hotline.de\n',
    ' hotline.de',
    'hotline.DE',
    '__proto__',
    'constructor',
    '__proto__.de',
    'constructor.de',
    'toString',
    'DE',
    '',
    '.'.repeat(1000),
  ])('does not know %j', async (id) => {
    const directory = await load();
    for (const ask of [directory.member, directory.encryptionKey]) {
      expect(await codeOf(() => ask(id, NOW))).toBe('recipient-unknown');
    }
    expect(await codeOf(() => directory.checkSigner(de.sign.stated.kid, id, NOW, NOW))).toBe(
      'sender-mismatch',
    );
  });

  test('is nobody from the moment of its suspension', async () => {
    const members = [member('hotline.de', [de.sign, de.decrypt], { suspendedAtMs: NOW })];
    const directory = await loadWith({ members });
    const { kid } = de.sign.stated;
    const asks = (nowMs: number) => [
      () => directory.member('hotline.de', nowMs),
      () => directory.encryptionKey('hotline.de', nowMs),
      () => directory.findKey(kid, NOW - 1, nowMs),
      () => directory.checkSigner(kid, 'hotline.de', NOW - 1, nowMs),
    ];
    const codes = (nowMs: number) => Promise.all(asks(nowMs).map(codeOf));
    expect(await codes(NOW - 1)).toEqual([undefined, undefined, undefined, undefined]);
    expect(await codes(NOW)).toEqual([
      'recipient-unknown',
      'recipient-unknown',
      'key-not-valid',
      'key-not-valid',
    ]);
  });
});

describe('encryptionKey and gateKey', () => {
  test('give the newest valid key', async () => {
    const keys = await Promise.all(
      [
        { validFromMs: NOW - 3 * HOUR },
        { validFromMs: NOW - HOUR },
        { validFromMs: NOW + HOUR },
        { validFromMs: NOW - HOUR / 2, revokedAtMs: NOW },
        { validFromMs: NOW - HOUR / 3, validUntilMs: NOW },
      ].map((change, at) => testKey(at % 2 === 0 ? 'P-256' : 'X25519', change)),
    );
    const stated = keys.map((key) => key.stated);
    const directory = await loadWith({
      members: [member('hotline.de', [...keys, de.sign])],
      gate: { nkey: '', crossNkey: '', keys: [] },
    });
    expect(directory.encryptionKey('hotline.de', NOW).kid).toBe(stated[1]?.kid);
    expect(directory.encryptionKey('hotline.de', NOW + HOUR).kid).toBe(stated[2]?.kid);
    const gate = await loadWith({ gate: { nkey: '', crossNkey: '', keys: stated }, members: [] });
    expect(gate.gateKey('DE', NOW).kid).toBe(stated[1]?.kid);
    expect(gate.gateKey('DE', NOW + HOUR).kid).toBe(stated[2]?.kid);
  });

  test('give none where there is none, and no signing key in its place', async () => {
    const directory = await loadWith({ members: [member('hotline.de', [de.sign])], gate: null });
    expect(await codeOf(() => directory.encryptionKey('hotline.de', NOW))).toBe('recipient-unknown');
    for (const nation of ['DE', 'NL', 'de', '__proto__', 'constructor', '']) {
      expect(await codeOf(() => directory.gateKey(nation, NOW))).toBe('recipient-unknown');
    }
    expect(directory.gateKey('FR', NOW).use).toBe('enc');
  });
});

describe('areCounterparts', () => {
  test('needs both sides', async () => {
    const both = await load();
    expect([both.areCounterparts('DE', 'FR', NOW), both.areCounterparts('FR', 'DE', NOW)]).toEqual([
      true,
      true,
    ]);
    const one = await loadWith({ counterparts: [] });
    expect([one.areCounterparts('DE', 'FR', NOW), one.areCounterparts('FR', 'DE', NOW)]).toEqual([
      false,
      false,
    ]);
  });

  test.each(['NL', 'de', '', '__proto__', 'constructor'])('is no for %j', async (nation) => {
    const directory = await loadWith({ counterparts: ['FR', nation] });
    expect(directory.areCounterparts('DE', nation, NOW)).toBe(false);
    expect(directory.areCounterparts(nation, 'DE', NOW)).toBe(false);
  });
});

test("ledger finds a nation's own log only", async () => {
  const directory = await load();
  expect(directory.ledger('DE', de.origin)?.vkey).toBe('vkey');
  expect(directory.ledger('FR', de.origin)).toBeUndefined();
  expect(directory.ledger('NL', de.origin)).toBeUndefined();
  expect(directory.ledger('DE', '__proto__')).toBeUndefined();
});

describe('the logs of a nation', () => {
  const row = (origin: string, predecessor = '') => ({
    ...{ nkey: '', origin, vkey: 'vkey', validFromMs: NOW, validUntilMs: NOW + HOUR, predecessor },
  });
  const [first, next] = ['log.example/de/first', 'log.example/de/next'];

  test('are each found, the old ones too', async () => {
    const directory = await loadWith({ ledgers: [row(first), row(next, first)] });
    expect(directory.ledger('DE', first)?.predecessor).toBe('');
    expect(directory.ledger('DE', next)?.predecessor).toBe(first);
  });

  test.each([
    ['one origin twice', [row(first), row(first)]],
    ['two that follow one', [row(first), row(next, first), row('another', first)]],
    ['one that follows an unknown one', [row(next, first)]],
    ['one that follows itself', [row(next, next)]],
    ['one without a name', [row('')]],
    ['one with a name of 101 characters', [row('x'.repeat(101))]],
    ['101 of them', Array.from({ length: 101 }, (_, i) => row(`log.example/de/${i}`))],
  ])('are not believed: %s', async (_what, ledgers) => {
    const directory = await loadWith({ ledgers });
    expect(directory.nations.has('DE')).toBe(false);
  });
});

describe('witnesses of a nation', () => {
  const witness = {
    name: 'w',
    vkey: 'w+0+0',
    url: 'https://w.example',
    validFromMs: NOW,
    validUntilMs: NOW + HOUR,
  };

  test('are taken as the part names them', async () => {
    expect((await loadWith({ witnesses: [witness] })).nations.get('DE')?.part.witnesses).toEqual([witness]);
  });

  test.each([
    ['without a name', [{ ...witness, name: '' }]],
    ['at no address', [{ ...witness, url: 'file:///etc/passwd' }]],
    ['at an address with a question', [{ ...witness, url: 'https://w.example/?x' }]],
    ['17 of them', Array.from({ length: 17 }, () => witness)],
  ])('%s stop their nation, and no other', async (_, witnesses) => {
    expect([...(await loadWith({ witnesses })).nations.keys()]).toEqual(['FR']);
  });
});

describe('time', () => {
  const alive = async (directory: Awaited<ReturnType<typeof load>>, nation: TestNation, nowMs: number) =>
    await Promise.all(
      [
        () => directory.member(nation.hotline, nowMs),
        () => directory.encryptionKey(nation.hotline, nowMs),
        () => directory.gateKey(nation.code, nowMs),
        () => directory.findKey(nation.sign.stated.kid, NOW, nowMs),
        () => directory.checkSigner(nation.sign.stated.kid, nation.hotline, NOW, nowMs),
      ].map(async (ask) => (await codeOf(ask)) === undefined),
    );
  const [yes, no] = [Array(5).fill(true), Array(5).fill(false)];

  test('stops a nation whose part is expired, and no other', async () => {
    const directory = await loadWith({ validUntilMs: NOW + HOUR });
    expect(await alive(directory, de, NOW + HOUR - 1)).toEqual(yes);
    expect(await alive(directory, de, NOW + HOUR)).toEqual(no);
    expect(await alive(directory, fr, NOW + HOUR)).toEqual(yes);
    expect(directory.areCounterparts('DE', 'FR', NOW + HOUR - 1)).toBe(true);
    expect(directory.areCounterparts('FR', 'DE', NOW + HOUR)).toBe(false);
  });

  test('stops all when the list expires, also in a service that was not started again', async () => {
    await network.writeList({ validUntilMs: NOW + HOUR });
    const directory = await load();
    for (const nation of [de, fr]) {
      expect(await alive(directory, nation, NOW + HOUR - 1)).toEqual(yes);
      expect(await alive(directory, nation, NOW + HOUR)).toEqual(no);
    }
  });
});

describe('the hash', () => {
  const hash = async () => Buffer.from((await load()).sha256).toString('hex');

  test('is the same for the same files', async () => {
    const first = await hash();
    for (const file of ['nations.list', 'de.part', 'fr.part']) {
      writeFileSync(join(network.dir, file), readFileSync(join(network.dir, file)));
    }
    expect(await hash()).toBe(first);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
  });

  test('changes with the list, with each part, and with a part that is gone', async () => {
    const hashes = [await hash()];
    for (const change of [
      () => network.writeList({ version: 2 }),
      () => network.writePart(de, { version: 2 }),
      () => network.writePart(fr, { issuedAtMs: NOW + 1 }),
      () => writeFileSync(join(network.dir, 'de.part'), ''),
    ]) {
      await change();
      hashes.push(await hash());
    }
    expect(new Set(hashes).size).toBe(5);
  });
});
