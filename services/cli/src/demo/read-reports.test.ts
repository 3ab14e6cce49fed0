import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { UsageError } from '../usage.js';
import { readReport } from './read-reports.js';

let file: string;
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'entente-reports-')), 'report.json');
});
afterEach(() => rmSync(join(file, '..'), { recursive: true, force: true }));

it.each([
  [{ category: 'content', type: 'phishing' }, 'XARF content/phishing'],
  [{ category: 'content' }, 'XARF content'],
  [{}, 'a XARF report without "category" and "type"'],
])('calls a XARF report what it says it is: %o', (said, title) => {
  writeFileSync(file, JSON.stringify({ xarf_version: '4.0.0', ...said }));
  expect(readReport(file, 'report.json').title).toBe(title);
});

it.each([
  ['is not there', undefined, /^There is no file .*report\.json\.$/],
  ['is no JSON', '{', /report\.json is not JSON: /],
  ['is a list', '[]', /report\.json is not a JSON object\.$/],
])('names the file that %s', (_, text, words) => {
  if (text !== undefined) writeFileSync(file, text);
  expect(() => readReport(file, 'report.json')).toThrow(UsageError);
  expect(() => readReport(file, 'report.json')).toThrow(words);
});
