import { expect, test } from 'vitest';
import { endOfYear } from './end-of-year.js';

test.each([
  ['entente.example/de/2026', '2027-01-01T00:00:00.000Z'],
  ['entente.example/de/2026b', '2027-01-01T00:00:00.000Z'],
  ['entente.example/de-1999', '2000-01-01T00:00:00.000Z'],
])('%s ends at %s', (origin, end) => {
  expect(endOfYear(origin)).toBe(Date.parse(end));
});

test.each(['entente.example/de', 'entente.example/2026/de', 'entente.example/de/12026', 'go.sum database'])(
  '%s names no year',
  (origin) => {
    expect(endOfYear(origin)).toBeUndefined();
  },
);
