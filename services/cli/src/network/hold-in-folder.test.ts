import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../usage.js';
import { holdInFolder } from './hold-in-folder.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-hold-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const BY = { proposed_by: 'court 3', approved_by: ['legal service'] };
const file = () => join(dir, 'legal-hold.json');
const written = () => JSON.parse(readFileSync(file(), 'utf8')) as unknown;

test('a case comes under legal hold beside those that are, with who says so, and goes again', () => {
  const isNew = true;
  expect(holdInFolder(dir, 'a', true, { proposed_by: '', approved_by: [] })).toEqual({ cases: ['a'], isNew });
  expect(holdInFolder(dir, 'b', true, BY)).toEqual({ cases: ['a', 'b'], isNew });
  expect(written()).toEqual({ cases: ['a', 'b'], ...BY });
  expect(holdInFolder(dir, 'a', false, BY)).toEqual({ cases: ['b'], isNew });
  expect(written()).toEqual({ cases: ['b'], ...BY });
});

test('what is so already stays as it is, with who said so', () => {
  holdInFolder(dir, 'a', true, BY);
  const other = { proposed_by: 'court 4', approved_by: [] };
  expect(holdInFolder(dir, 'a', true, other)).toEqual({ cases: ['a'], isNew: false });
  expect(holdInFolder(dir, 'b', false, other)).toEqual({ cases: ['a'], isNew: false });
  expect(written()).toEqual({ cases: ['a'], ...BY });
});

test.each<[string, () => unknown]>([
  ['has no id', () => holdInFolder(dir, 'Maria Muster', true, BY)],
  [
    'is named by nobody that can stand in a log',
    () => holdInFolder(dir, 'b', true, { ...BY, proposed_by: 'a\nb' }),
  ],
  ['is of no ledger', () => holdInFolder(join(dir, 'none'), 'b', true, BY)],
])('nothing is written of a case that %s', (_what, change) => {
  holdInFolder(dir, 'a', true, BY);
  const before = written();
  expect(change).toThrow(UsageError);
  expect(written()).toEqual(before);
});

test('what the ledger cannot read is not written over', () => {
  writeFileSync(file(), '{"case": ["a"]}');
  expect(() => holdInFolder(dir, 'b', true, BY)).toThrow(UsageError);
  expect(readFileSync(file(), 'utf8')).toBe('{"case": ["a"]}');
});
