import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXCHANGE_CASES } from './fixture/cases-of-exchange.js';
import { LAW_CASES } from './fixture/cases-of-law.js';
import { findForgotten, type Known } from './fixture/find-forgotten.js';
import { packs } from './fixture/shipped-packs.js';

const ROOT = join(import.meta.dirname, '../../..');
const KNOWN: Known = {
  cases: Object.keys({ ...EXCHANGE_CASES, ...LAW_CASES }),
  nations: [...packs.keys()],
};

it('has everything that CONTRIBUTING.md asks for', () => {
  expect(findForgotten(ROOT, KNOWN)).toEqual([]);
});

const TO_COPY = ['packages/policy/packs', 'proto/schemas', 'examples'];
/** Of the vectors only the folders count. */
const VECTORS = 'proto/vectors/content';

interface Draft {
  known: Known;
  /** Changes a file of the copy, or makes it. */
  readonly edit: (name: string, change: (text: string) => string) => void;
}

/** What is forgotten in a copy of the repository's files after these changes. */
function forgottenAfter(changes: readonly ((draft: Draft) => void)[]): string[] {
  const root = mkdtempSync(join(tmpdir(), 'entente-forgotten-'));
  try {
    for (const name of TO_COPY) cpSync(join(ROOT, name), join(root, name), { recursive: true });
    for (const name of readdirSync(join(ROOT, VECTORS)))
      mkdirSync(join(root, VECTORS, name), { recursive: true });
    const draft: Draft = {
      known: KNOWN,
      edit: (name, change) => {
        mkdirSync(dirname(join(root, name)), { recursive: true });
        writeFileSync(join(root, name), change(textOf(join(root, name))));
      },
    };
    for (const change of changes) change(draft);
    return findForgotten(root, draft.known);
  } finally {
    rmSync(root, { recursive: true });
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const PACKS = 'packages/policy/packs';
const addText = (language: string, id: string) => (draft: Draft) =>
  draft.edit(`${PACKS}/texts/${language}.json`, (text) => text.replace('{', `{\n  "${id}": "Text.",`));
const addWord =
  (name: string, after: string, word: string) =>
  ({ edit }: Draft) =>
    edit(name, (text) => text.replace(after, `${after}, "${word}"`));
const RULE = (annotations: string) => (draft: Draft) =>
  draft.edit(
    `${PACKS}/base/more.cedar`,
    () => `@id("more") ${annotations} forbid (principal, action, resource);`,
  );

/** What is added, in all the places that it takes. */
const ADDITIONS: Readonly<Record<string, Readonly<Record<string, (draft: Draft) => void>>>> = {
  'a rule': {
    'texts/de.json: more': addText('de', 'more'),
    'texts/fr.json: more': addText('fr', 'more'),
    'fixture/cases: more': (draft) => {
      draft.known = { ...draft.known, cases: [...draft.known.cases, 'more'] };
    },
  },
  'a nation': {
    'fixture/shipped-packs: SE': (draft) => {
      draft.known = { ...draft.known, nations: [...draft.known.nations, 'SE'] };
    },
  },
  'a category': {
    'proto/schemas/categories: spam': ({ edit }) => edit('proto/schemas/categories/spam.json', () => '{}'),
    'proto/vectors/content: spam': ({ edit }) => edit('proto/vectors/content/spam/valid/a.json', () => '{}'),
    'schema.cedarschema: spam': addWord(`${PACKS}/schema.cedarschema`, '"phishing", "malware"', 'spam'),
    'examples: spam': ({ edit }) => edit('examples/99-spam.json', () => '{ "category": "spam" }'),
  },
};

/** That there is something at all, of which the places can be forgotten. */
const BEGINNINGS: Readonly<Record<string, (draft: Draft) => void>> = {
  'a rule': RULE('@basis("b") @says("s")'),
  'a nation': ({ edit }) => edit(`${PACKS}/se/none.cedar`, () => '// Nothing of its own.'),
  'a category': addWord('proto/schemas/vocabulary.json', '"phishing", "malware"', 'spam'),
};

describe.each(Object.entries(ADDITIONS))('%s', (what, places) => {
  const beginning = BEGINNINGS[what] ?? expect.fail(`${what} has no beginning`);

  it('is complete with all its places', () => {
    expect(forgottenAfter([beginning, ...Object.values(places)])).toEqual([]);
  });

  it.each(Object.keys(places))('is named where it was forgotten: %s', (place) => {
    const others = Object.entries(places).filter(([name]) => name !== place);
    expect(forgottenAfter([beginning, ...others.map(([, add]) => add)])).toEqual([place]);
  });
});

it.each([
  ['@says', '@basis("b")'],
  ['@basis', '@says("s")'],
])('a rule without %s is named', (annotation, rest) => {
  const [first] = forgottenAfter([RULE(rest)]);
  expect(first).toMatch(/base\/more\.cedar: the rule "more" lacks/);
  expect(first).toContain(annotation);
});

it('a nation that stands in no table is named, unless it says so', () => {
  const known = { ...KNOWN, nations: [...KNOWN.nations, 'XX'] };
  const nation = (text: string) => (draft: Draft) => {
    draft.known = known;
    draft.edit(`${PACKS}/xx/none.cedar`, () => text);
  };
  expect(forgottenAfter([nation('// Nothing.')])).toEqual(['tables: XX']);
  expect(forgottenAfter([nation('// It stands in no table.')])).toEqual([]);
});

it('a nation whose folder is gone is named', () => {
  const gone = (draft: Draft) => {
    draft.known = { ...KNOWN, nations: [...KNOWN.nations, 'YY'] };
  };
  expect(forgottenAfter([gone])).toEqual(['packs: YY']);
});

it('a language is named by each rule that it has no words for', () => {
  const begun = (draft: Draft) =>
    draft.edit(`${PACKS}/texts/it.json`, () => JSON.stringify({ 'hotline-to-host': 'Testo.' }));
  const forgotten = forgottenAfter([begun]);
  expect(forgotten).toHaveLength(KNOWN.cases.length - 1);
  expect(forgotten).toContain('texts/it.json: role-not-held');
  expect(forgotten).not.toContain('texts/it.json: hotline-to-host');
});
