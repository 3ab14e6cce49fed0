import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readToken } from './read-token.js';

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'entente-token-')), 'http.token');
});
afterEach(() => rmSync(join(path, '..'), { recursive: true }));

const LONG = '0123456789abcdef';

it('reads a token, whatever stands around it', async () => {
  writeFileSync(path, `  ${LONG}\r\n`, { mode: 0o600 });
  expect(await readToken(path)).toBe(LONG);
});

it.each([
  ['an empty file', ''],
  ['a line without anything', ' \n'],
  ['one that is soon guessed', LONG.slice(1)],
  ['two lines', `${LONG}\n${LONG}`],
  ['what no header carries', `${LONG}ü`],
])('refuses %s, and does not show it', async (_, text) => {
  writeFileSync(path, text, { mode: 0o600 });
  await expect(readToken(path)).rejects.toThrow(
    `${path} does not hold one token of 16 characters or more, without spaces`,
  );
});
