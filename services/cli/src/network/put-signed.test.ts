import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wire } from '@entente/contract';
import { readUnverified } from '@entente/members';
import { generateKey, writeKeyFile } from '@entente/seal';
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

async function sign(command: string, out: string, content: object, key = 'old.key') {
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
    const args = ['directory', command, source, '--key', join(dir, key), '--out', join(dir, out)];
    return { code: await runProgram(args), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
const partIn = (out: string) => wire.nationPart.decode(readUnverified(readFileSync(join(dir, out))));

test('says which version it has signed, and leaves no other file', async () => {
  expect(await sign('sign-part', 'de.part', PART)).toEqual({
    code: 0,
    out: 'DE, version 1, signed\n',
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

test('signs the same content again, by another key', async () => {
  await sign('sign-part', 'again.part', PART);
  const before = readFileSync(join(dir, 'again.part'));
  expect(await sign('sign-part', 'again.part', PART, 'new.key')).toMatchObject({ code: 0 });
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
