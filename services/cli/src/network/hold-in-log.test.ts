import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../usage.js';
import { holdInLog } from './hold-in-log.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-hold-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const BY = { proposed_by: 'court 3', approved_by: ['legal service'] };
const file = () => join(dir, 'legal-hold.json');
const written = () => JSON.parse(readFileSync(file(), 'utf8')) as unknown;

test('a case comes under legal hold beside those that are, with who says so, and goes again', () => {
  expect(holdInLog(dir, 'a', true, { proposed_by: '', approved_by: [] })).toEqual(['a']);
  expect(holdInLog(dir, 'b', true, BY)).toEqual(['a', 'b']);
  expect(written()).toEqual({ cases: ['a', 'b'], ...BY });
  expect(holdInLog(dir, 'a', false, BY)).toEqual(['b']);
  expect(written()).toEqual({ cases: ['b'], ...BY });
});

test.each<[string, () => unknown]>([
  ['is so already', () => holdInLog(dir, 'a', true, BY)],
  ['is under none', () => holdInLog(dir, 'b', false, BY)],
  ['has no id', () => holdInLog(dir, 'Maria Muster', true, BY)],
  [
    'is named by nobody that can stand in a log',
    () => holdInLog(dir, 'b', true, { ...BY, proposed_by: 'a\nb' }),
  ],
  ['is of no ledger', () => holdInLog(join(dir, 'none'), 'b', true, BY)],
])('nothing is written of a case that %s', (_what, change) => {
  holdInLog(dir, 'a', true, BY);
  const before = written();
  expect(change).toThrow(UsageError);
  expect(written()).toEqual(before);
});

test('what the ledger cannot read is not written over', () => {
  writeFileSync(file(), '{"case": ["a"]}');
  expect(() => holdInLog(dir, 'b', true, BY)).toThrow(UsageError);
  expect(readFileSync(file(), 'utf8')).toBe('{"case": ["a"]}');
});
