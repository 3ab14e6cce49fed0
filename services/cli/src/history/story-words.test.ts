import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { APPROVAL_REASON, EVIDENCE, REJECTION_TEXTS } from '@entente/contract';
import { loadPack, packsDir } from '@entente/policy';
import { expect, it } from 'vitest';
import { CODE_WORDS } from './story-codes.js';
import { STORY_WORDS } from './story-words.js';

const shipped = readdirSync(packsDir).filter((name) => /^[a-z]{2}$/.test(name));
const packs = shipped.map((name) => loadPack(packsDir, name.toUpperCase()));
const duties = new Set(packs.flatMap(({ rules }) => [...rules.values()].flatMap((rule) => rule.obligations)));
/** What somebody says of a message beside its gates' own evidence. */
const SAID = EVIDENCE.filter((word) => /^(not-)?(delivered|retrieved|released)$/.test(word));

/** What has to be there for each language, by the place that a language is added to. */
function missingIn(languages: readonly string[], rules: readonly string[]): string[] {
  const places = {
    'packages/policy/packs/texts': rules,
    'packages/contract/src/rejection.ts': Object.keys(REJECTION_TEXTS),
    'story-words.ts': Object.keys(STORY_WORDS),
    'story-codes.ts': Object.keys(CODE_WORDS),
  };
  return Object.entries(places).flatMap(([place, known]) =>
    languages.filter((language) => !known.includes(language)).map((language) => `${place}: ${language}`),
  );
}

const ofRules = ['en', ...readdirSync(join(packsDir, 'texts')).map((name) => name.replace('.json', ''))];
const all = [
  ...new Set([...ofRules, ...[STORY_WORDS, CODE_WORDS, REJECTION_TEXTS].flatMap((one) => Object.keys(one))]),
];

it('is told in every language that any of its words have', () => {
  expect(missingIn(all, ofRules)).toEqual([]);
});

it('names the place where a language was forgotten', () => {
  expect(missingIn([...all, 'it'], [...ofRules, 'it'])).toEqual([
    'packages/contract/src/rejection.ts: it',
    'story-words.ts: it',
    'story-codes.ts: it',
  ]);
  expect(missingIn(all, ['en', 'de'])).toEqual(['packages/policy/packs/texts: fr']);
});

it.each(Object.keys(STORY_WORDS))('says the same things in %s as in English', (language) => {
  const shape = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shape(inner)]))
      : typeof value;
  expect(shape(STORY_WORDS[language])).toEqual(shape(STORY_WORDS.en));
  expect(shape(CODE_WORDS[language])).toEqual(shape(CODE_WORDS.en));
});

it.each([
  ...APPROVAL_REASON.map((word) => ['reason of an approval', word, CODE_WORDS.en?.reasons] as const),
  ...[...duties].map((word) => ['duty', word, CODE_WORDS.en?.duties] as const),
  ...SAID.map((word) => ['evidence', word, STORY_WORDS.en?.statements] as const),
])('has words for the %s "%s"', (_, word, words) => {
  expect(Object.keys(words ?? {})).toContain(word);
});
