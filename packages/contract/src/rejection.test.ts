import { expect, test } from 'vitest';
import { readText } from './fixture/vectors.js';
import { REJECTION_TEXTS, REJECTIONS, Rejection, rejectionWords } from './rejection.js';

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

test('what it quotes is for its author, and in nothing that a logger or a database takes', () => {
  const rejection = new Rejection('expired', 'a field is unknown', undefined, 'the field "Maria" is unknown');
  expect(rejection.toAuthor()).toBe('the field "Maria" is unknown');
  const { message, stack } = rejection;
  expect(JSON.stringify([message, stack, { ...rejection }, String(rejection)])).not.toContain('Maria');
  expect(new Rejection('expired', 'too late').toAuthor()).toBe('too late');
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

const LANGUAGES = Object.keys(REJECTION_TEXTS);

test.each(LANGUAGES.flatMap((language) => Object.keys(REJECTIONS).map((code) => [language, code] as const)))(
  'there are words in %s for "%s"',
  (language, code) => {
    expect(Object.keys(REJECTION_TEXTS[language] ?? {})).toContain(code);
    expect(rejectionWords(code, language).trim()).not.toBe('');
  },
);

test.each(LANGUAGES)(
  'there are words in %s for no other code, and none are those of another language',
  (language) => {
    expect(Object.keys(REJECTIONS)).toEqual(
      expect.arrayContaining(Object.keys(REJECTION_TEXTS[language] ?? {})),
    );
    const others = LANGUAGES.filter((other) => other !== language).map((other) => REJECTION_TEXTS[other]);
    for (const [code, words] of Object.entries(REJECTION_TEXTS[language] ?? {}))
      for (const other of others) expect(other?.[code]).not.toBe(words);
  },
);

test.each(['xx', '__proto__', 'constructor', ''])(
  'a language that nobody wrote is English: "%s"',
  (language) => {
    expect(rejectionWords('expired', language)).toBe(REJECTIONS.expired);
    expect(rejectionWords('toString', language)).toBe('toString');
  },
);
