import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadPseudonymiser } from './pseudonymise.js';

const dir = mkdtempSync(join(tmpdir(), 'entente-pseudonym-'));
afterAll(() => rmSync(dir, { recursive: true }));

function keyFile(name: string, text: string, mode = 0o600): string {
  const path = join(dir, name);
  writeFileSync(path, text, { mode });
  return path;
}

test('gives one person the same pseudonym in one case, however the name is written', async () => {
  const of = await loadPseudonymiser(keyFile('a', `${'0a'.repeat(32)}\n`));
  const one = of('case-1', 'Jane  Doe');
  expect(one).toMatch(/^pn:[0-9a-f]{32}$/);
  for (const other of ['jane doe', ' JANE DOE ', 'Jane\u00a0Doe', '\uff2aane Doe'])
    expect(of('case-1', other)).toBe(one);
});

test('gives another person, another case and another member another one', async () => {
  const of = await loadPseudonymiser(keyFile('b', '0a'.repeat(32)));
  const others = await loadPseudonymiser(keyFile('c', '0b'.repeat(32)));
  const all = [
    of('case-1', 'Jane Doe'),
    of('case-1', 'John Doe'),
    of('case-2', 'Jane Doe'),
    others('case-1', 'Jane Doe'),
  ];
  // The end of a case must not be taken for the beginning of a name.
  all.push(of('case', '-1jane doe'));
  expect(new Set(all).size).toBe(all.length);
});

test.each([
  ['no digits', 'secret', 'key-file-malformed'],
  ['too few', '0a'.repeat(31), 'key-file-malformed'],
  ['capitals', '0A'.repeat(32), 'key-file-malformed'],
])('takes no key of %s, and does not repeat it', async (_, text, code) => {
  const failure = loadPseudonymiser(keyFile(code + text.length, text));
  await expect(failure).rejects.toMatchObject({ code });
  await expect(failure).rejects.not.toThrow(text);
});

test('takes no key that others can read', async () => {
  const open = loadPseudonymiser(keyFile('open', '0a'.repeat(32), 0o644));
  await expect(open).rejects.toMatchObject({ code: 'key-file-exposed' });
});
