import { PolicyError } from './error.js';
import { parseOnce } from './parse-once.js';
import type { PackFile } from './read-files.js';

/** By language (`de`), then by rule id: what `@says` says in English. */
export type Texts = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * The texts of `texts/<language>.json`. They change no decision, but they are what a sender is told: under the pack's hash.
 * @throws PolicyError `pack-untidy` where a file is no object of texts
 */
export function readTexts(files: readonly PackFile[]): Texts {
  return new Map(
    files.filter(({ name }) => name.startsWith('texts/')).map((file) => [languageOf(file), textsOf(file)]),
  );
}

/**
 * Every rule has a text in every language, and every text a rule. The ids are those of all packs of a folder together,
 * for the languages share their files.
 * @throws PolicyError `pack-missing` for a rule without a text, `pack-untidy` for a text without a rule
 */
export function checkTexts(texts: Texts, ids: ReadonlySet<string>): void {
  for (const [language, known] of texts) {
    const missing = [...ids].find((id) => !known.has(id));
    if (missing) {
      throw new PolicyError('pack-missing', `texts/${language}.json has no text for the rule "${missing}"`);
    }
    const unknown = [...known.keys()].find((id) => !ids.has(id));
    if (unknown)
      throw new PolicyError('pack-untidy', `texts/${language}.json: no rule is called "${unknown}"`);
  }
}

function languageOf({ name }: PackFile): string {
  const language = /^texts\/([a-z]{2})\.json$/.exec(name)?.[1];
  if (!language) throw new PolicyError('pack-untidy', `${name}: name it by its language, like texts/de.json`);
  return language;
}

function textsOf(file: PackFile): ReadonlyMap<string, string> {
  const { name } = file;
  const parsed = parseOnce(file, 'pack-untidy');
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new PolicyError('pack-untidy', `${name}: write {"<rule id>": "<text>"}`);
  }
  for (const [id, says] of Object.entries(parsed)) {
    if (typeof says !== 'string' || says.trim() === '') {
      throw new PolicyError('pack-untidy', `${name}: "${id}" is no text`);
    }
  }
  return new Map(Object.entries(parsed));
}
