import { expect, test } from 'vitest';
import { readSignoff } from './read-signoff.js';

test('who wanted something and who agreed is read from a file, and each may be left out', () => {
  const said = { proposed_by: 'unit 4', approved_by: ['legal service'], more: 1 };
  expect(readSignoff(said)).toEqual({ proposedBy: 'unit 4', approvedBy: ['legal service'] });
  expect(readSignoff({})).toEqual({ proposedBy: '', approvedBy: [] });
});

test.each<[string, Record<string, unknown>]>([
  ['a number', { proposed_by: 4 }],
  ['null', { proposed_by: null }],
  ['one approver without a list', { approved_by: 'legal service' }],
  ['an approver that is no text', { approved_by: [4] }],
  ['two lines', { proposed_by: 'unit\n4' }],
])('reads no signoff from %s', (_, value) => {
  expect(readSignoff(value)).toBeUndefined();
});
