import { describe, expect, test } from 'vitest';
import { CATEGORY } from '../gen/vocabulary.js';
import { computeFacts } from './compute-facts.js';
import { checkFacts } from './facts.js';
import { codeOf } from './fixture/code-of.js';
import { schemaHash } from './fixture/schema-hash.js';
import { contentFolders, examples, invalidContents, jsonBytes, validContents } from './fixture/vectors.js';
import { LIMITS } from './limits.js';
import { Rejection } from './rejection.js';
import { compiledSchema } from './schemas.js';
import { checkContent, parseContent, parseSealedContent, parseSubmission } from './validate-content.js';

const LEAST = validContents('phishing').find(([name]) => name === 'the-least-there-can-be')?.[1].content;

test('every category has a folder of vectors, and every folder is a category, or that of updates', () => {
  expect(contentFolders()).toEqual([...CATEGORY, 'update'].sort());
});

const schemaOf = (name: string) => (name === 'update' ? name : `categories/${name}`);

describe.each([...CATEGORY, 'update'])('%s', (category) => {
  const valid = validContents(category);
  const invalid = invalidContents(category);

  test('has at least 3 valid vectors and 6 invalid ones', () => {
    expect(valid.length).toBeGreaterThanOrEqual(3);
    expect(invalid.length).toBeGreaterThanOrEqual(6);
  });

  test('has facts in at least one vector', () => {
    expect(valid.filter(([, { facts }]) => facts !== undefined)).not.toHaveLength(0);
  });

  test.each(valid)('takes %s and computes its facts', (_, { content, facts }) => {
    const parsed = parseContent(jsonBytes(content));
    expect(parsed).toEqual(content);
    expect(checkContent(content)).toEqual(content);
    const computed = computeFacts(parsed);
    expect(checkFacts(computed)).toEqual(computed);
    if (facts !== undefined) expect(computed).toEqual(facts);
  });

  test.each(invalid)('refuses %s', (_, { content }) => {
    const code = codeOf(() => parseContent(jsonBytes(content)));
    expect(['content-invalid', 'content-forbidden']).toContain(code);
    expect(codeOf(() => checkContent(content))).toBe(code);
  });

  test.each(invalid.filter(([, { error }]) => error !== '/category'))(
    'refuses %s for the fault that it has',
    (_, { content, error }) => {
      const validate = compiledSchema(schemaOf(category));
      expect(validate(content)).toBe(false);
      const faults = (validate.errors ?? []).flatMap(({ instancePath, keyword, params }) => [
        instancePath,
        keyword,
        `${instancePath}/${params.missingProperty ?? params.unevaluatedProperty ?? ''}`,
      ]);
      expect(faults).toContain(error);
    },
  );

  test('refuses a valid content under the name of any other category, or takes what is valid there too', () => {
    for (const other of CATEGORY.filter((word) => word !== category)) {
      for (const [, { content }] of valid) {
        const moved = jsonBytes({ ...content, category: other });
        const schema = compiledSchema(category === 'update' ? 'update' : schemaOf(other));
        const expected = schema({ ...content, category: other }) ? 'accepted' : 'content-invalid';
        expect(codeOf(() => parseContent(moved))).toBe(expected);
      }
    }
  });
});

describe('what was sealed under a schema that is known', () => {
  const under = schemaHash('categories/phishing');

  test.each([
    ['another category than was declared', { category: 'csam' }],
    ['what says by an empty word that it is an update', { ...(LEAST as object), update: '' }],
    ['what its schema does not allow', { ...(LEAST as object), more: 1 }],
  ])('is refused as %s', (_, content) => {
    expect(codeOf(() => parseSealedContent(jsonBytes(content), under))).toBe('content-invalid');
  });

  test('is taken as it was; and of a schema that nobody here knows only the form is looked at', () => {
    expect(parseSealedContent(jsonBytes(LEAST), under)).toEqual(LEAST);
    const old = { category: 'phishing', word_of_then: 1 };
    expect(parseSealedContent(jsonBytes(old), Buffer.alloc(32))).toEqual(old);
  });
});

describe('parseContent refuses', () => {
  test.each([
    ['null', 'null'],
    ['a number', '1'],
    ['a string', '"csam"'],
    ['a list', '[]'],
    ['an object without a category', '{}'],
    ['a category in a list', '{"category":["csam"]}'],
    ['a category that every object has', '{"category":"constructor"}'],
    ['a category that is a path', '{"category":"../core"}'],
    ['a category in capitals', '{"category":"CSAM"}'],
    ['a category with a NUL', '{"category":"csam\\u0000"}'],
    ['two categories', '{"category":"csam","category":"fraud"}'],
  ])('%s', (_, text) => {
    expect(codeOf(() => parseContent(Buffer.from(text)))).toBe('content-invalid');
  });

  test('content that is larger than the limit, and takes white space up to it', () => {
    const bytes = jsonBytes(LEAST);
    const padded = (size: number) => Buffer.concat([bytes, Buffer.alloc(size - bytes.length, 0x20)]);
    expect(codeOf(() => parseContent(padded(LIMITS.content)))).toBe('accepted');
    expect(codeOf(() => parseContent(padded(LIMITS.content + 1)))).toBe('too-large');
  });

  test('content that is nested too deeply', () => {
    const deep = `${'['.repeat(LIMITS.contentDepth + 1)}${']'.repeat(LIMITS.contentDepth + 1)}`;
    expect(codeOf(() => parseContent(Buffer.from(`{"category":"csam","x":${deep}}`)))).toBe(
      'content-invalid',
    );
  });

  test('a number that JSON cannot hold', () => {
    const text = JSON.stringify(LEAST).replace(/"retention_days":\d+/, '"retention_days":1e999');
    expect(codeOf(() => parseContent(Buffer.from(text)))).toBe('content-invalid');
  });

  test('a word that no list has, and names those that there are; and what is missing, by its name', () => {
    const refused = (content: object) => () => parseContent(jsonBytes(content));
    expect(refused({ ...LEAST, urgency: 'soon' })).toThrow(/^\/urgency must be one of .*routine/);
    const { urgency: _, ...without } = LEAST as { urgency: string };
    expect(refused(without)).toThrow('/ lacks "urgency"');
  });

  test('without a word of what it refuses', () => {
    const content = { ...LEAST, urgency: 'Maria Muster, 1 Example Street', summary: 7 };
    expect(() => parseContent(jsonBytes(content))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('Muster') }),
    );
  });
});

describe('an example', () => {
  const all = examples();

  test('stands for every category, and for both ends', () => {
    expect(new Set(all.map(([, { expect: end }]) => end))).toEqual(new Set(['delivered', 'refused']));
    const categories = all.map(
      ([, { submission }]) => parseSubmission(submission).content as { category: string },
    );
    expect(new Set(categories.map(({ category }) => category))).toEqual(new Set(CATEGORY));
  });

  test.each(all)('can be submitted: %s', (_, { submission }) => {
    const { content } = parseSubmission(submission);
    const parsed = parseContent(jsonBytes(content));
    expect(checkFacts(computeFacts(parsed)).itemCount).toBe(parsed.items?.length);
  });
});

describe('parseSubmission', () => {
  const good = { to: 'hotline.fr', to_role: 'hotline', from_role: 'hotline', content: {} };

  test('takes the least and the most that there can be', () => {
    const id = 'a'.repeat(32);
    const most = { ...good, case_id: id, in_reply_to: id, expires_in_hours: 720, actor: 'ä'.repeat(120) };
    expect(parseSubmission(good)).toBe(good);
    expect(parseSubmission(most)).toBe(most);
  });

  test.each([
    ['no content', { content: undefined }],
    ['content that is a list', { content: [] }],
    ['a sender', { from: 'hotline.de' }],
    ['the recipient’s id with a NUL', { to: 'hotline.fr\0' }],
    ['the recipient’s id with a newline', { to: 'hotline.fr\n' }],
    ['a role nobody has', { to_role: 'king' }],
    ['a role that every object has', { from_role: 'constructor' }],
    ['a case that is a path', { case_id: '../1' }],
    ['no time to live', { expires_in_hours: 0 }],
    ['more than 30 days', { expires_in_hours: 721 }],
    ['half an hour', { expires_in_hours: 0.5 }],
    ['nobody as actor', { actor: '' }],
    ['white space as actor', { actor: ' ' }],
    ['an actor with a line break', { actor: 'Maria\nMuster' }],
    ['an actor with a NUL', { actor: 'desk\0' }],
    ['an actor of 121 characters', { actor: 'a'.repeat(121) }],
  ])('refuses %s', (_, change) => {
    expect(codeOf(() => parseSubmission({ ...good, ...change }))).toBe('content-invalid');
  });

  test.each([[null], [undefined], ['text'], [[]], [7]])('refuses %j', (value) => {
    expect(codeOf(() => parseSubmission(value))).toBe('content-invalid');
  });
});

test.each([
  ['an unknown field', { ...(LEAST as object), maria: 'x' }, '/ has an unknown field "maria"'],
  [
    'a picture in one',
    { ...(LEAST as object), category: 'csam', maria: { thumb: 'data:image/png;base64,' } },
    '/maria/thumb carries media or encoded data, which a csam report must not',
  ],
])('only the author is told the name of %s', (_what, content, toAuthor) => {
  const rejection = rejectionOf(() => parseContent(jsonBytes(content)));
  expect(rejection.toAuthor()).toBe(toAuthor);
  expect(rejection.message).not.toContain('maria');
});

function rejectionOf(work: () => unknown): Rejection {
  try {
    work();
  } catch (error) {
    if (error instanceof Rejection) return error;
    throw error;
  }
  throw new Error('nothing was rejected');
}
