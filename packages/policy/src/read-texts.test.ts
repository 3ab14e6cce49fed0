import { describe, expect, it } from 'vitest';
import { packs } from './fixture/shipped-packs.js';
import { checkTexts, readTexts } from './read-texts.js';

const file = (name: string, text: string) => ({ name, text, bytes: Buffer.from(text) });
const ids = [...new Set([...packs.values()].flatMap(({ rules }) => [...rules.keys()]))].sort();
const shipped = packs.get('DE')?.texts ?? new Map<string, ReadonlyMap<string, string>>();

describe('the texts of the shipped packs', () => {
  it('are there in German and French, in every pack', () => {
    for (const { texts } of packs.values()) expect([...texts.keys()].sort()).toEqual(['de', 'fr']);
  });

  it.each(ids)('has one in each language for the rule %s', (id) => {
    for (const language of ['de', 'fr']) expect(shipped.get(language)?.get(id) ?? '').not.toBe('');
  });

  it('are all of a rule', () => {
    expect(() => checkTexts(shipped, new Set(ids))).not.toThrow();
  });
});

describe('readTexts', () => {
  it('reads a language for each file, and no other folder', () => {
    const texts = readTexts([file('texts/de.json', '{"a": "Hallo"}'), file('tables/led.json', '{}')]);
    expect([...texts].map(([language, known]) => [language, [...known]])).toEqual([['de', [['a', 'Hallo']]]]);
  });

  it.each([
    ['a list', 'texts/de.json', '["a"]'],
    ['nothing', 'texts/de.json', 'null'],
    ['no JSON', 'texts/de.json', '{'],
    ['an empty text', 'texts/de.json', '{"a": " "}'],
    ['a number', 'texts/de.json', '{"a": 1}'],
    ['a name that is no language', 'texts/german.json', '{}'],
  ])('refuses %s', (_, name, text) => {
    expect(() => readTexts([file(name, text)])).toThrow(
      expect.objectContaining({ code: 'pack-untidy', message: expect.stringContaining(name) }),
    );
  });
});

describe('checkTexts', () => {
  const texts = new Map([['de', new Map([['a', 'A']])]]);

  it('names the rule that has no text', () => {
    expect(() => checkTexts(texts, new Set(['a', 'b']))).toThrow(
      expect.objectContaining({ code: 'pack-missing', message: expect.stringContaining('"b"') }),
    );
  });

  it('names the text that has no rule', () => {
    expect(() => checkTexts(texts, new Set())).toThrow(
      expect.objectContaining({ code: 'pack-untidy', message: expect.stringContaining('"a"') }),
    );
  });
});
