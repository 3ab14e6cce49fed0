import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWhole } from '@entente/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followQuarantineHolds, readQuarantineHolds } from './quarantine-holds.js';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-holds-'));
  path = join(dir, 'legal-hold.json');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const of = (...cases: readonly string[]) => JSON.stringify({ cases });
/** As if the file had been there for a while. */
const later = () => Date.now() + 60_000;

test('a file is read once for as long as it is the same', () => {
  writeFileSync(path, of('a'));
  const holds = followQuarantineHolds(dir, later);
  const first = holds();
  expect([...first]).toEqual(['a']);
  expect(holds()).toBe(first);
});

test('one that has changed, was replaced, came or went is read before the next message', () => {
  const holds = followQuarantineHolds(dir, later);
  expect([...holds()]).toEqual([]);
  writeFileSync(path, of('a'));
  expect([...holds()]).toEqual(['a']);
  writeFileSync(path, of('a', 'b'));
  utimesSync(path, 1, 1);
  expect([...holds()]).toEqual(['a', 'b']);
  // Of the same length, and dated back to the same moment.
  writeWhole(path, of('a', 'c'));
  utimesSync(path, 1, 1);
  expect([...holds()]).toEqual(['a', 'c']);
  rmSync(path);
  expect([...holds()]).toEqual([]);
});

test('what was written a moment ago is read each time: it could be written again in the same tick', () => {
  writeFileSync(path, of('a'));
  const { ctimeMs } = statSync(path);
  const holds = followQuarantineHolds(dir, () => Math.floor(ctimeMs) + 2000);
  expect(holds()).not.toBe(holds());
});

test.each([
  ['{"case": []}', / is no legal hold: write/],
  ['no JSON', / is no legal hold \(it is no JSON object: .*\): write/],
  [
    `{"cases": [], "more": "${'x'.repeat(2 ** 20)}"}`,
    / is no legal hold \(it is longer than 1024 KiB\): write/,
  ],
])('one that is none is said to be none, and where: %.20s', (text, words) => {
  writeFileSync(path, text);
  for (const read of [() => readQuarantineHolds(dir), followQuarantineHolds(dir, later)])
    expect(read).toThrow(words);
});
