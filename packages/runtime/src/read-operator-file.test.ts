import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOperatorFile } from './read-operator-file.js';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-operator-'));
  path = join(dir, 'order.json');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('reads the object, and the text that it is', () => {
  writeFileSync(path, '{"reason": "order"}\n');
  expect(readOperatorFile(path)).toEqual({ text: '{"reason": "order"}\n', value: { reason: 'order' } });
});

test('has nothing where there is no file', () => {
  expect(readOperatorFile(path)).toBeUndefined();
});

test.each([
  ['', 'it is no JSON object: Unexpected end'],
  ['{"a": 1,}', 'it is no JSON object: Expected double-quoted property name in JSON at position 8'],
  ['[]', 'it is no JSON object'],
  ['null', 'it is no JSON object'],
  ['"text"', 'it is no JSON object'],
])('says of %j what is wrong, and where', (text, problem) => {
  writeFileSync(path, text);
  expect(readOperatorFile(path)).toContain(problem);
});

test.each([
  'no JSON, of case 17',
  `"no" "${'of case 17 '.repeat(9)}`,
  `{"a": no, "of": "case 17 ${'x'.repeat(99)}"}`,
])('says what is wrong with %j, and quotes nothing of it', (text) => {
  writeFileSync(path, text);
  expect(readOperatorFile(path)).toMatch(/^it is no JSON object: \w/);
  expect(readOperatorFile(path)).not.toMatch(/\bof\b|case|17/);
});

test('takes as many bytes as there may be, and no more, however many characters they are', () => {
  const of = (bytes: number) => `{"a":"${'é'.repeat((bytes - 8) / 2)}"}`;
  writeFileSync(path, of(65_536));
  expect(readOperatorFile(path)).toHaveProperty('value');
  writeFileSync(path, `${of(65_536)} `);
  expect(readOperatorFile(path)).toBe('it is longer than 64 KiB');
  expect(readOperatorFile(path, 128 * 1024)).toHaveProperty('value');
});

test('reads nothing of a file that is too large for any memory', () => {
  writeFileSync(path, '');
  truncateSync(path, 2 ** 40);
  expect(readOperatorFile(path)).toBe('it is longer than 64 KiB');
});

test('does not wait for what is no file', () => {
  mkdirSync(path);
  expect(readOperatorFile(path)).toBe('it is no file');
  execFileSync('mkfifo', [join(dir, 'pipe')]);
  expect(readOperatorFile(join(dir, 'pipe'))).toBe('it is no file');
});

test('says why it cannot be read', () => {
  symlinkSync(path, path);
  expect(readOperatorFile(path)).toBe('it cannot be read: ELOOP');
});
