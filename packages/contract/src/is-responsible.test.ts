import { expect, test } from 'vitest';
import { isResponsible } from './is-responsible.js';

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
  ['a NUL', 'unit\0', []],
  ['more than 80 characters', 'a'.repeat(81), []],
  ['white space around it', ' unit 4', []],
  ['an approver without a word', 'unit 4', ['']],
  ['an approver twice', 'unit 4', ['legal', 'legal']],
  ['nine approvers', 'unit 4', Array.from({ length: 9 }, (_, i) => `unit ${i}`)],
])('refuses %s', (_, proposedBy, approvedBy) => {
  expect(said(proposedBy, approvedBy)).toBe(false);
});
