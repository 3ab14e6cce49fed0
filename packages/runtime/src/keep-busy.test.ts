import { expect, test } from 'vitest';
import { keepBusy } from './keep-busy.js';

test('there is one for each name, and of very many only those are kept that are not idle', () => {
  const busy = new Set(['a']);
  const opened: string[] = [];
  const get = keepBusy((name) => {
    opened.push(name);
    return { isIdle: () => !busy.has(name) };
  }, 3);
  const first = get('a');
  for (const name of ['b', 'c', 'a', 'b', 'c']) get(name);
  expect(opened).toEqual(['a', 'b', 'c']);
  get('d');
  expect(get('a')).toBe(first);
  for (const name of ['d', 'b']) get(name);
  expect(opened).toEqual(['a', 'b', 'c', 'd', 'b']);
});
