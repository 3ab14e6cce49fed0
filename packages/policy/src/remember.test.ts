import { expect, it } from 'vitest';
import { remembering } from './remember.js';

it('makes each once, for as long as it is asked for again before as many characters of others have come in', () => {
  const asked: string[] = [];
  const of = remembering((key) => {
    asked.push(key);
    return { key };
  }, 10);
  const first = of('first');
  for (const other of ['aaaaa', 'bbbbb', 'ccccc', 'ddddd']) {
    of(other);
    expect(of('first')).toBe(first);
  }
  expect(asked).toEqual(['first', 'aaaaa', 'bbbbb', 'ccccc', 'ddddd']);
});

it('lets go of what was not asked for again', () => {
  let made = 0;
  const of = remembering(() => ++made, 10);
  for (const key of ['first', 'aaaaa', 'bbbbb', 'ccccc', 'ddddd']) of(key);
  expect(made).toBe(5);
  expect(of('first')).toBe(6);
});
