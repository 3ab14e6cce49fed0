import { expect, test } from 'vitest';
import { isReference, isResponsible } from './is-responsible.js';

const said = (proposedBy: string, approvedBy: readonly string[] = []) =>
  isResponsible({ proposedBy, approvedBy });

test('nobody has to be named, and whoever is fits on one short line', () => {
  expect([said(''), said('unit 4'), said('Référat 17', ['file 17/26', 'legal service'])]).toEqual([
    true,
    true,
    true,
  ]);
  expect(said('a'.repeat(80))).toBe(true);
});

test.each([
  ['more than a line', 'unit\n4', []],
  ['what a screen shows as more than a line', 'unit\u{2028}4', []],
  ['a NUL', 'unit\0', []],
  ['more than 80 characters', 'a'.repeat(81), []],
  ['white space around it', ' unit 4', []],
  ['an approver without a word', 'unit 4', ['']],
  ['an approver twice', 'unit 4', ['legal', 'legal']],
  ['nine approvers', 'unit 4', Array.from({ length: 9 }, (_, i) => `unit ${i}`)],
])('refuses %s', (_, proposedBy, approvedBy) => {
  expect(said(proposedBy, approvedBy)).toBe(false);
});

test('where a decision can be found is said on one line of up to 200 characters, and somehow', () => {
  expect(['court file 17/26', '§', 'é'.repeat(200), '😀'.repeat(200)].map(isReference)).toEqual(
    Array(4).fill(true),
  );
  const others = ['', ' file', 'file ', 'file\n17', 'file\u{2029}17', 'file\u{202e}71', 'a'.repeat(201), 17];
  expect(others.map(isReference)).toEqual(others.map(() => false));
});
