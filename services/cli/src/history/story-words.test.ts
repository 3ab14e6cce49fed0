import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packsDir } from '@entente/policy';
import { expect, it } from 'vitest';
import { STORY_WORDS } from './story-words.js';

it('has the sentences in every language that the rules have', () => {
  const ofRules = readdirSync(join(packsDir, 'texts')).map((name) => name.replace('.json', ''));
  expect(Object.keys(STORY_WORDS).sort()).toEqual(['en', ...ofRules].sort());
});

it.each(Object.keys(STORY_WORDS))('says the same things in %s as in English', (language) => {
  const shape = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shape(inner)]))
      : typeof value;
  expect(shape(STORY_WORDS[language])).toEqual(shape(STORY_WORDS.en));
});
