import { expect, test } from 'vitest';
import { readText } from './fixture/vectors.js';
import { REJECTIONS, Rejection, rejectionWords } from './rejection.js';

test('docs/codes.md says the same codes and words, in the same order', () => {
  const rows = [...readText('docs/codes.md').matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm)];
  expect(rows.map(([, code, words]) => [code, words])).toEqual(Object.entries(REJECTIONS));
});

test('a code is in lower case with hyphens, and short enough for a statement', () => {
  for (const code of Object.keys(REJECTIONS)) expect(code).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
  for (const code of Object.keys(REJECTIONS)) expect(code.length).toBeLessThanOrEqual(40);
});

test('the list cannot be added to', () => {
  expect(Object.isFrozen(REJECTIONS)).toBe(true);
});

test('a rejection carries its code, its words and its cause', () => {
  const cause = new Error('below');
  expect(new Rejection('expired')).toMatchObject({ code: 'expired', message: REJECTIONS.expired });
  expect(new Rejection('expired', 'too late', cause)).toMatchObject({ message: 'too late', cause });
});

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'of-a-later-version', ''])(
  'a code from outside that is not in the list is shown as it is: "%s"',
  (code) => {
    expect(rejectionWords(code)).toBe(code);
  },
);

test('a code of the list is put into words', () => {
  expect(rejectionWords('body-mismatch')).toBe(REJECTIONS['body-mismatch']);
});
