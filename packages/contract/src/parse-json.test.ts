import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import { asJson, parseJson } from './parse-json.js';

const LIMITS = { maxBytes: 2_000_000, maxDepth: 16 };
const parse = (text: string | Uint8Array) =>
  parseJson(typeof text === 'string' ? Buffer.from(text) : text, LIMITS);
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('parseJson takes', () => {
  test.each([
    ['an object', '{"a":1}', { a: 1 }],
    ['white space', ' {\n"a" : [ 1 ,2 ] }\t', { a: [1, 2] }],
    ['brackets in a string', `{"a":"${'[{'.repeat(50)}"}`, { a: '[{'.repeat(50) }],
    ['escaped quotation marks', '{"a\\"b":"\\\\\\"{[:"}', { 'a"b': '\\"{[:' }],
    [
      'one name in two objects',
      '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
      { a: { a: 1 }, b: [{ a: 1 }, { a: 2 }] },
    ],
    ['a value that is the name of another member', '{"a":"b","b":"a"}', { a: 'b', b: 'a' }],
    ['strings in a list', '["a","a","a"]', ['a', 'a', 'a']],
    ['characters beyond the BMP', '"😀"', '😀'],
  ])('%s', (_, text, value) => {
    expect(parse(text)).toEqual(value);
  });

  test('as many levels as are allowed', () => {
    expect(codeOf(() => parse(nested(16)))).toBe('accepted');
  });

  test('as many bytes as are allowed', () => {
    expect(parseJson(Buffer.from('"ab"'), { maxBytes: 4, maxDepth: 1 })).toBe('ab');
  });

  test('a string of a million escapes', () => {
    expect(parse(`"${'\\n'.repeat(900_000)}"`)).toHaveLength(900_000);
  });
});

describe('parseJson refuses', () => {
  test('one byte more than is allowed, without a look at it', () => {
    expect(codeOf(() => parseJson(Buffer.from('"ab"'), { maxBytes: 3, maxDepth: 1 }))).toBe('too-large');
    expect(codeOf(() => parseJson(Buffer.from('not JSON'), { maxBytes: 3, maxDepth: 1 }))).toBe('too-large');
  });

  test.each([
    ['one level more than is allowed', nested(17)],
    ['a million levels', '['.repeat(1_000_000)],
    ['levels of objects', `${'{"a":'.repeat(17)}1${'}'.repeat(17)}`],
    ['levels after a string with a quotation mark', `["\\"",${nested(17)}]`],
    ['levels after brackets that close what is not open', `${']'.repeat(100)}${'['.repeat(100)}`],
    ['nothing', ''],
    ['white space alone', '  '],
    ['a byte order mark', '\ufeff{}'],
    ['bytes after the end', '{} {}'],
    ['a comment', '{}//'],
    ['a comma too many', '[1,]'],
    ['a name without quotation marks', '{a:1}'],
    ['single quotation marks', "{'a':1}"],
    ['NaN', '[NaN]'],
    ['a NUL', '{}\0'],
    ['a line break in a string', '"a\nb"'],
    ['a member twice', '{"force":"notice","force":"order"}'],
    ['a member twice with the same value', '{"a":1,"a":1}'],
    ['a member twice, once with an escape', '{"force":"notice","forc\\u0065":"order"}'],
    ['a member twice, further down', '{"a":[{"b":{"c":1,"d":{},"c":2}}]}'],
    ['a member twice, with white space before the colon', '{"a" :1,"a"\n:1}'],
    ['the prototype twice', '{"__proto__":1,"__proto__":2}'],
  ])('%s', (_, text) => {
    expect(codeOf(() => parse(text))).toBe('content-invalid');
  });

  test.each([
    ['a byte that is none', [0x22, 0xff, 0x22]],
    ['a character in too many bytes', [0x22, 0xc0, 0xaf, 0x22]],
    ['half a surrogate pair', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a character cut short', [0x22, 0xe2, 0x82, 0x22]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0, 0x7d, 0]],
  ])('what is not UTF-8: %s', (_, bytes) => {
    expect(codeOf(() => parse(Uint8Array.from(bytes)))).toBe('content-invalid');
  });

  test('no prototype is set by a member with its name', () => {
    const value = parse('{"__proto__":{"admin":true}}') as { admin?: unknown };
    expect(value.admin).toBeUndefined();
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });
});

describe('asJson', () => {
  /** What is no JSON is among it: nothing, numbers without end, halves of characters. */
  const values = fc.oneof(
    fc.jsonValue({ maxDepth: 20, depthSize: 'max' }),
    fc.anything({
      ...{ maxDepth: 20, depthSize: 'large', withBoxedValues: false, withNullPrototype: false },
      key: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', '7', 'constructor')),
      values: [
        fc.string({ unit: 'binary' }),
        fc.constantFrom('\ud800', -0, Number.NaN, Number.POSITIVE_INFINITY, undefined, null, true),
        fc.double(),
      ],
    }),
  );
  const said = (attempt: () => unknown) => {
    const code = codeOf(attempt);
    return code === 'accepted' ? { value: attempt() } : code;
  };

  test('says of a value what is said of its text when that is read', () => {
    const bounds = { maxBytes: 60, maxDepth: 4 };
    const seen = new Set<unknown>();
    fc.assert(
      fc.property(values, (value) => {
        fc.pre(value !== undefined);
        const ours = said(() => asJson(value, bounds));
        const read = said(() => parseJson(Buffer.from(JSON.stringify(value)), bounds));
        seen.add(typeof ours === 'string' ? ours : 'accepted');
        // Of what is too long as well as too deep one of the two is said.
        if (typeof ours === 'string' && typeof read === 'string') return;
        expect(isDeepStrictEqual(ours, read)).toBe(true);
      }),
      { seed: 2016_679, numRuns: 1000 },
    );
    expect([...seen].sort()).toEqual(['accepted', 'content-invalid', 'too-large']);
  });

  test.each([
    ['as many levels as are allowed', nested(16), 'accepted'],
    ['one more', nested(17), 'content-invalid'],
    ['so many that no writer of JSON comes to their end', nested(200_000), 'content-invalid'],
    ['as many in objects', `${'{"a":'.repeat(17)}1${'}'.repeat(17)}`, 'content-invalid'],
  ])('%s', (_, text, code) => {
    expect(codeOf(() => asJson(JSON.parse(text), LIMITS))).toBe(code);
  });

  test('counts the bytes of the text, and not its characters', () => {
    expect(codeOf(() => asJson('éé', { maxBytes: 6, maxDepth: 1 }))).toBe('accepted');
    expect(codeOf(() => asJson('éé', { maxBytes: 5, maxDepth: 1 }))).toBe('too-large');
  });
});
