import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wire } from '@entente/contract';
import { readUnverified, signList } from '@entente/members';
import { generateKey, loadSigner, readKeyFile, writeKeyFile } from '@entente/seal';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runProgram } from '../program.js';

const PART = { nation: 'DE', version: 1, members: [], ledgers: [], gates: [], validUntilMs: 1000 };
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'entente-signed-'));
  for (const name of ['old.key', 'new.key'])
    await writeKeyFile(join(dir, name), await generateKey('Ed25519'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function sign(command: string, out: string, content: object, key = 'old.key', ...more: string[]) {
  const source = join(dir, 'source.json');
  writeFileSync(source, JSON.stringify(content));
  const said = { out: '', err: '' };
  const spies = (['out', 'err'] as const).map((name) =>
    vi.spyOn(process[`std${name}`], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  try {
    const args = ['directory', command, source, '--key', join(dir, key), '--out', join(dir, out), ...more];
    return { code: await runProgram(args), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
/** Lays a list of nations into a folder of its own. */
async function listWith(keys: Readonly<Record<string, readonly string[]>>): Promise<void> {
  mkdirSync(join(dir, 'listed'), { recursive: true });
  const stated = async (name: string) => {
    const { kid, use } = await readKeyFile(join(dir, name));
    return { kid: kid ?? '', use: use ?? '', validFromMs: 0, validUntilMs: Date.now() + 86_400_000 };
  };
  const agencies = await Promise.all(
    Object.entries(keys).map(async ([nation, names]) => ({
      nation,
      keys: await Promise.all(names.map(stated)),
    })),
  );
  const list = wire.nationList.decode(wire.nationList.encode({ version: 1, agencies }));
  const signed = await signList(list, [await loadSigner(join(dir, 'old.key'))]);
  writeFileSync(join(dir, 'listed', 'nations.list'), signed);
}
const partIn = (out: string) => wire.nationPart.decode(readUnverified(readFileSync(join(dir, out))));

test('says which version it has signed, and leaves no other file', async () => {
  expect(await sign('sign-part', 'de.part', PART)).toEqual({
    code: 0,
    out: expect.stringMatching(/^DE, version 1, signed\nWhose key this is was not compared/),
    err: '',
  });
  expect(await sign('sign-part', 'de.part', { ...PART, version: 2 })).toMatchObject({ code: 0 });
  expect(partIn('de.part').version).toBe(2);
  expect(readdirSync(dir).filter((name) => name.startsWith('de.part'))).toEqual(['de.part']);
});

test('refuses another content under a version that is there, or an earlier one', async () => {
  await sign('sign-part', 'held.part', { ...PART, version: 2 });
  const before = readFileSync(join(dir, 'held.part'));
  for (const version of [1, 2]) {
    const refused = await sign('sign-part', 'held.part', { ...PART, version, validUntilMs: 2000 });
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain('Raise its version: 2 is there already, with other content.');
  }
  expect(readFileSync(join(dir, 'held.part'))).toEqual(before);
});

test('signs the same content again, by another key that the list of nations has', async () => {
  await sign('sign-part', 'again.part', PART);
  const before = readFileSync(join(dir, 'again.part'));
  expect(await sign('sign-part', 'again.part', PART, 'new.key')).toMatchObject({ code: 2 });
  expect(readFileSync(join(dir, 'again.part'))).toEqual(before);
  await listWith({ DE: ['old.key', 'new.key'] });
  expect(await sign('sign-part', 'again.part', PART, 'new.key', '--directory', join(dir, 'listed'))).toEqual({
    code: 0,
    out: 'DE, version 1, signed\n',
    err: '',
  });
  expect(readFileSync(join(dir, 'again.part'))).not.toEqual(before);
  expect(partIn('again.part')).toMatchObject({ nation: 'DE', version: 1 });
});

test("refuses to put a part in the place of another nation's, and replaces what is damaged", async () => {
  await sign('sign-part', 'fr.part', { ...PART, nation: 'FR' });
  expect(await sign('sign-part', 'fr.part', { ...PART, version: 9 })).toMatchObject({ code: 2 });
  expect(partIn('fr.part').nation).toBe('FR');
  writeFileSync(join(dir, 'fr.part'), 'no part');
  expect(await sign('sign-part', 'fr.part', { ...PART, nation: 'FR' })).toMatchObject({ code: 0 });
});

test('does so with the list of nations as well', async () => {
  const list = { version: 1, agencies: [], validUntilMs: 1000 };
  expect((await sign('sign-list', 'nations.list', list)).out).toBe('list of nations, version 1, signed\n');
  expect(await sign('sign-list', 'nations.list', { ...list, validUntilMs: 2000 })).toMatchObject({ code: 2 });
});

test.each([
  ["another agency's key", { DE: ['old.key'], FR: ['new.key'] }, 'not a key of the agency of DE, but of FR'],
  ['a key of nobody', { DE: ['old.key'] }, 'not a key of the agency of DE, by'],
  ['a nation that the list does not name', { FR: ['new.key'] }, 'does not name DE'],
])('a part or a pack is not signed with %s, and what was there stays', async (_what, keys, words) => {
  await listWith({ DE: ['old.key'] });
  await sign('sign-part', 'listed/de.part', PART);
  await listWith(keys);
  const before = readFileSync(join(dir, 'listed', 'de.part'));
  const refused = await sign('sign-part', 'listed/de.part', { ...PART, version: 2 }, 'new.key');
  expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining(words) });
  expect(readFileSync(join(dir, 'listed', 'de.part'))).toEqual(before);
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const out = join(dir, 'listed', 'de.pack');
  expect(
    await runProgram(['policy', 'build', '--nation', 'DE', '--key', join(dir, 'new.key'), '--out', out]),
  ).toBe(2);
  expect(err.mock.calls.join()).toContain(words);
  err.mockRestore();
  expect(existsSync(out)).toBe(false);
  rmSync(join(dir, 'listed', 'de.part'));
});

test('a key of the agency whose time is over signs nothing either', async () => {
  await listWith({ DE: ['old.key'] });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 86_400_000 });
  try {
    const refused = await sign('sign-part', 'listed/de.part', PART);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('revoked, or not of this time') });
  } finally {
    vi.useRealTimers();
  }
});

test("a pack is not put in the place of another nation's, nor of a later one", async () => {
  await listWith({ DE: ['old.key'], FR: ['new.key'] });
  const out = join(dir, 'listed', 'de.pack');
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const build = (nation: string, key: string, ...more: string[]) =>
    runProgram(['policy', 'build', '--nation', nation, '--key', join(dir, key), '--out', out, ...more]);
  try {
    expect(await build('DE', 'old.key', '--pack-version', '7')).toBe(0);
    const before = readFileSync(out);
    for (const [nation, key, more, words] of [
      ['FR', 'new.key', [], `${out} is of DE, not of FR.`],
      ['DE', 'old.key', ['--pack-version', '7'], 'Raise its version: 7 is there already.'],
      ['DE', 'old.key', ['--pack-version', 'eight'], '"eight" is no version of a pack'],
    ] as const) {
      expect(await build(nation, key, ...more)).toBe(2);
      expect(err.mock.calls.at(-1)?.[0]).toContain(words);
      expect(readFileSync(out)).toEqual(before);
    }
    expect(await build('DE', 'old.key')).toBe(0);
    const { version } = wire.packBundle.decode(readUnverified(readFileSync(out)));
    expect(version).toBe(8);
  } finally {
    err.mockRestore();
    print.mockRestore();
  }
});
