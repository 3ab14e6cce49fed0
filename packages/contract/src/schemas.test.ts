import { createHash } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import * as vocabulary from '../gen/vocabulary.js';
import { lintSchema, type Schema } from './fixture/lint-schema.js';
import { schemaHash } from './fixture/schema-hash.js';
import { readText } from './fixture/vectors.js';
import { acceptedSchema, createSchemas, SCHEMAS, type SchemaFile } from './schemas.js';
import * as wire from './wire.js';

const NAMES = [
  ...['vocabulary', 'core', 'facts', 'submission', 'update'],
  ...vocabulary.CATEGORY.map((category) => `categories/${category}`),
];
const read = (name: string) => JSON.parse(readText(`proto/schemas/${name}.json`)) as Schema;
const WORDS = read('vocabulary').$defs as Readonly<Record<string, { readonly enum: readonly string[] }>>;
const CORE = read('core');
const FACTS = read('facts');

describe('what is generated', () => {
  test('is made from the files that are there now', () => {
    expect(SCHEMAS.map(({ schema }) => schema.$id).sort()).toEqual(
      NAMES.map((name) => `https://entente.example/schemas/${name}.json`).sort(),
    );
    for (const { schema, sha256 } of SCHEMAS) {
      const text = readText(`proto/schemas/${schema.$id.split('/schemas/')[1]}`);
      expect(schema).toEqual(JSON.parse(text));
      expect(sha256).toBe(createHash('sha256').update(text).digest('hex'));
    }
  });

  test.each(SCHEMAS.map(({ schema }) => [schema.$id, schema] as const))('is a schema: %s', (_id, schema) => {
    const ajv = new Ajv2020({ strict: false });
    expect([ajv.validateSchema(schema), ajv.errors]).toEqual([true, null]);
  });

  test('has every closed list, and no other', () => {
    const lists = Object.fromEntries(
      Object.entries(WORDS).map(([name, list]) => [name.toUpperCase().replaceAll('-', '_'), list.enum]),
    );
    expect({ ...vocabulary }).toEqual(lists);
    for (const list of Object.values(vocabulary)) expect(Object.isFrozen(list)).toBe(true);
  });
});

describe('two releases', () => {
  const NAME = 'categories/phishing';
  const WORD = 'a-new-purpose';
  /** With one word more in a closed list. */
  const next = SCHEMAS.map((file): SchemaFile => {
    if (!file.schema.$id.endsWith('/vocabulary.json')) return file;
    const schema = structuredClone(file.schema) as unknown as Readonly<
      Record<'$id', string> & { $defs: { purpose: { enum: string[] } } }
    >;
    schema.$defs.purpose.enum.push(WORD);
    return { schema: schema as unknown as SchemaFile['schema'], sha256: 'f'.repeat(64) };
  });
  const upgraded = createSchemas(next, SCHEMAS);
  const { content } = JSON.parse(
    readText('proto/vectors/content/phishing/valid/customers-who-lost-their-mailbox.json'),
  );
  const bytesOf = (purpose: string) => Buffer.from(JSON.stringify({ ...content, purpose }));

  test('are both taken, and no third', () => {
    expect(upgraded.hashOf(NAME)).not.toEqual(schemaHash(NAME));
    expect(upgraded.accepts(NAME, upgraded.hashOf(NAME))).toBe(true);
    expect(upgraded.accepts(NAME, schemaHash(NAME))).toBe(true);
    expect(upgraded.accepts(NAME, Buffer.alloc(32, 1))).toBe(false);
    expect(upgraded.accepts('categories/csam', schemaHash(NAME))).toBe(false);
    expect(acceptedSchema(NAME, upgraded.hashOf(NAME))).toBe(false);
  });

  test('what says nothing new is sealed so that who has not upgraded can read it, and what is new is not', () => {
    expect(upgraded.toSealUnder(NAME, bytesOf(content.purpose))).toEqual(schemaHash(NAME));
    expect(upgraded.toSealUnder(NAME, bytesOf(WORD))).toEqual(upgraded.hashOf(NAME));
    expect(createSchemas(SCHEMAS, []).toSealUnder(NAME, bytesOf(content.purpose))).toEqual(schemaHash(NAME));
  });

  test('each checks what was sealed under it', () => {
    const isValid = (sha256: Uint8Array) =>
      upgraded.validatorUnder(NAME, sha256)?.(JSON.parse(bytesOf(WORD).toString()));
    expect(isValid(upgraded.hashOf(NAME))).toBe(true);
    expect(isValid(schemaHash(NAME))).toBe(false);
    expect(isValid(Buffer.alloc(32))).toBeUndefined();
    // A hash that is known, of another schema than the content says that it is under.
    expect(isValid(upgraded.hashOf('update'))).toBe(true);
    expect(upgraded.validatorUnder('update', schemaHash(NAME))?.({ category: 'phishing', update: '' })).toBe(
      false,
    );
  });
});

describe('every leaf has a class and a bound, every object is closed, and the walker knows each keyword', () => {
  test.each(vocabulary.CATEGORY)('in the schema of %s', (category) => {
    expect(lintSchema(read(`categories/${category}`))).toEqual([]);
  });

  test('in that of an update', () => {
    expect(lintSchema(read('update'))).toEqual([]);
  });

  test('in that of a submission, but for the content, which has its own', () => {
    expect(lintSchema(read('submission')).filter((fault) => !fault.startsWith('/content '))).toEqual([]);
  });

  test('in that of facts', () => {
    expect(lintSchema(FACTS)).toEqual([]);
  });

  const line = { type: 'string', pattern: '^a$', maxLength: 1 };
  const object = (properties: object, more: object = {}) => ({
    $id: 'https://entente.example/schemas/test.json',
    type: 'object',
    properties,
    additionalProperties: false,
    ...more,
  });
  test.each([
    ['a leaf without a class', object({ a: line })],
    ['a class that is none', object({ a: { ...line, 'x-data-class': 'secret' } })],
    ['a string without an end', object({ a: { type: 'string', pattern: 'a', 'x-data-class': 'none' } })],
    ['a string of any characters', object({ a: { type: 'string', maxLength: 1, 'x-data-class': 'none' } })],
    ['a number without bounds', object({ a: { type: 'integer', minimum: 0 } })],
    ['a list without an end', object({ a: { type: 'array', items: { enum: ['b'] } } })],
    ['an open object', object({ a: { enum: ['b'] } }, { additionalProperties: true })],
    ['a leaf of no type', object({ a: {} })],
    ['a keyword the walker does not know', object({ a: { enum: ['b'] } }, { patternProperties: {} })],
    ['a class behind allOf', object({ a: { allOf: [{ ...line, 'x-data-class': 'none' }] } })],
    [
      'a field under a condition only',
      object({ a: { enum: ['b'] } }, { if: {}, else: { properties: { c: true } } }),
    ],
    [
      'a class under a condition',
      object({ a: { enum: ['b'] } }, { not: { properties: { a: { 'x-data-class': 'none' } } } }),
    ],
    [
      'two classes for one field',
      object({ a: { $ref: 'core.json#/$defs/time', 'x-data-class': 'free-text' } }),
    ],
  ])('and the lint finds %s', (_, schema) => {
    expect(lintSchema(schema as Schema)).not.toEqual([]);
  });
});

describe('the words agree:', () => {
  const facts = FACTS.properties ?? {};
  const core = CORE.properties ?? {};

  test('facts have the fields that the frame has, all of them required', () => {
    const frame = wire.header.decode(wire.header.encode({ facts: {} })).facts;
    expect(Object.keys(facts).sort()).toEqual(Object.keys(frame ?? {}).sort());
    expect([...(FACTS.required as string[])].sort()).toEqual(Object.keys(facts).sort());
  });

  test.each([
    ['category', 'category', 'category'],
    ['action', 'action', 'action'],
    ['force', 'force', 'force'],
    ['purpose', 'purpose', 'purpose'],
    ['legal_basis', 'legalBasis', 'legal-basis'],
    ['handling', 'handling', 'handling'],
    ['urgency', 'urgency', 'urgency'],
  ])('%s of a content and %s of facts are of one list', (field, fact, list) => {
    const ref = { $ref: `vocabulary.json#/$defs/${list}` };
    expect(core[field]?.items ?? core[field]).toMatchObject(ref);
    expect(facts[fact]?.items ?? facts[fact]).toMatchObject(ref);
  });

  test('what a content may hold fits into facts', () => {
    expect(facts.itemCount?.maximum).toBe(core.items?.maxItems);
    expect(facts.legalBasis?.maxItems).toBe(core.legal_basis?.maxItems);
    expect(facts.retentionDays).toMatchObject({
      minimum: core.retention_days?.minimum,
      maximum: core.retention_days?.maximum,
    });
    expect(facts.dataClasses?.maxItems).toBeGreaterThanOrEqual(vocabulary.DATA_CLASS.length);
    expect(facts.subjects?.maxItems).toBe(vocabulary.SUBJECT.length);
  });

  test('every data class is used by a schema, and every one that is used is in the list', () => {
    const used = [...SCHEMAS].flatMap(({ schema }) => [
      ...JSON.stringify(schema).matchAll(/"x-data-class":"([^"]*)"/g),
    ]);
    const classes = new Set(used.map(([, word]) => word));
    // A pseudonym is not the class of a field but of what stands in it.
    const fields = vocabulary.DATA_CLASS.filter((word) => word !== 'pseudonym');
    expect([...classes].sort()).toEqual(['none', ...fields].sort());
  });

  test('no schema repeats a closed list that it could name', () => {
    const lists = Object.values(WORDS).map((list) => [...list.enum].sort().join());
    for (const name of NAMES.filter((other) => other !== 'vocabulary')) {
      const copies = [...readText(`proto/schemas/${name}.json`).matchAll(/"enum":\s*(\[[^\]]*\])/g)]
        .map(([, list]) => (JSON.parse(list ?? '[]') as string[]).sort().join())
        .filter((list) => lists.includes(list));
      expect(copies).toEqual([]);
    }
  });

  test('no list has a word twice, and each word is short and plain', () => {
    for (const { enum: list } of Object.values(WORDS)) {
      expect(new Set(list).size).toBe(list.length);
      for (const word of list) expect(word).toMatch(/^[A-Za-z0-9+.:-]{2,30}$/);
    }
  });

  test.each(vocabulary.CATEGORY)('the schema of %s is for that category alone', (category) => {
    expect(read(`categories/${category}`).properties?.category).toEqual({ const: category });
  });

  test('every role but those of a provider is a type of member', () => {
    const providers = ['hosting', 'access', 'platform', 'registrar', 'cdn'];
    expect(vocabulary.ROLE.filter((role) => !providers.includes(role)).sort()).toEqual(
      vocabulary.MEMBER_TYPE.filter((type) => type !== 'isp').sort(),
    );
  });
});
