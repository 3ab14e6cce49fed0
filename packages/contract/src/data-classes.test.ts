import { describe, expect, test } from 'vitest';
import { CATEGORY, DATA_CLASS, type DataClass } from '../gen/vocabulary.js';
import { computeFacts } from './compute-facts.js';
import { listDataClasses, pseudonymiseContent, redactContent } from './data-classes.js';
import { codeOf } from './fixture/code-of.js';
import { classesAt, type Schema } from './fixture/lint-schema.js';
import { contentAt, examples, jsonBytes, readText, validContents } from './fixture/vectors.js';
import { type Content, parseContent, parseSubmission, schemaNameOf } from './validate-content.js';

const CONTENTS = [
  ...[...CATEGORY, 'update'].flatMap((category) =>
    validContents(category).map(([name, { content }]) => [`${category}/${name}`, content] as const),
  ),
  ...examples().map(
    ([name, { submission }]) => [name, parseSubmission(submission).content as Content] as const,
  ),
];

/** Without these there is no valid content, order or item left. */
const NEEDED: readonly DataClass[] = ['free-text', 'authority.contact', 'content-hash', 'network-address'];

describe.each(CONTENTS)('%s', (_, content) => {
  const name = schemaNameOf(content);
  const schema = JSON.parse(readText(`proto/schemas/${name}.json`)) as Schema;
  const classed = leaves(content).map((leaf) => ({ ...leaf, classes: classesAt(schema, leaf.path) }));

  test('has the data classes of its fields, in the order of the alphabet', () => {
    expect(listDataClasses(content, name)).toEqual(
      [...new Set(classed.flatMap(({ classes }) => classes))].sort(),
    );
  });

  test.each(DATA_CLASS)('without %s it has all else, in order, and nothing of that', (dataClass) => {
    const before = structuredClone(content);
    const redacted = redactContent(content, name, dataClass);
    expect(content).toEqual(before);
    expect(leaves(redacted).map(said)).toEqual(
      classed.filter(({ classes }) => !classes.includes(dataClass)).map(said),
    );
    expect(listDataClasses(redacted, name)).toEqual(
      listDataClasses(content, name).filter((word) => word !== dataClass),
    );
    expect(redactContent(redacted, name, dataClass)).toEqual(redacted);
  });

  test('is still valid without any class that it can do without', () => {
    const redacted = DATA_CLASS.filter((word) => !NEEDED.includes(word)).reduce(
      (left, dataClass) => redactContent(left, name, dataClass),
      content,
    );
    expect(codeOf(() => parseContent(jsonBytes(redacted)))).toBe('accepted');
    for (const dataClass of DATA_CLASS.filter((word) => !NEEDED.includes(word))) {
      expect(codeOf(() => parseContent(jsonBytes(redactContent(content, name, dataClass))))).toBe('accepted');
    }
  });

  test('without any class has no free word left', () => {
    const redacted = DATA_CLASS.reduce((left, dataClass) => redactContent(left, name, dataClass), content);
    expect(listDataClasses(redacted, name)).toEqual([]);
    expect(leaves(redacted).map(said)).toEqual(
      classed.filter(({ classes }) => classes.length === 0).map(said),
    );
  });
});

test('every data class stands in some content', () => {
  const found = CONTENTS.flatMap(([, content]) => listDataClasses(content, `categories/${content.category}`));
  expect([...new Set(found)].sort()).toEqual(DATA_CLASS.filter((word) => word !== 'pseudonym').sort());
});

describe('redactContent', () => {
  const report = contentAt('csam/valid/child-in-danger-with-everybody-named');

  test('takes away who reported, and with it the subject, and leaves how it was reported', () => {
    const source = { kind: 'public', anonymous: false, consent_to_share: true };
    const reporter = { name: 'Maria Muster', contact: '+49 30 000000' };
    const content = { ...report, report: { source: { ...source, reporter } } };
    const redacted = redactContent(content, 'categories/csam', 'reporter.identity');
    expect(redacted).toEqual({ ...report, report: { source } });
    expect(computeFacts(content).subjects).toContain('reporter');
    expect(computeFacts(redacted).subjects).not.toContain('reporter');
  });

  test('takes single words out of a list, and the list when it is empty', () => {
    const people = { victims: [{ id: 'v1', accounts: ['a', 'b'], age_range: 'adult' }] };
    const redacted = redactContent({ ...report, people }, 'categories/csam', 'victim.identity');
    expect(redacted.people).toEqual({ victims: [{ id: 'v1', age_range: 'adult' }] });
  });

  test('leaves an empty object where nothing else was', () => {
    expect(redactContent({ summary: 'x' }, 'categories/csam', 'free-text')).toEqual({});
  });

  test('does not look behind a name that every object has', () => {
    const content = JSON.parse('{"summary":"x","__proto__":{"summary":"y"}}') as object;
    expect(listDataClasses(content, 'categories/csam')).toEqual(['free-text']);
    expect(listDataClasses({ toString: 'x' }, 'categories/csam')).toEqual([]);
  });

  test('finds nothing in fields that are empty, null or not there', () => {
    expect(listDataClasses({ summary: '', necessity: null, people: {} }, 'categories/csam')).toEqual([]);
  });

  test('is an error of ours for a schema that is none', () => {
    expect(() => listDataClasses({}, 'categories/none')).toThrow('no schema');
  });
});

interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
}

function leaves(value: unknown, path: readonly string[] = []): Leaf[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  return Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]));
}

/** Where items went, those behind them move up: their numbers are not compared. */
function said({ path, value }: Leaf): string {
  return `${path.map((key) => (/^\d+$/.test(key) ? '*' : key)).join('/')} ${JSON.stringify(value)}`;
}

test('a pseudonym is a class of its own, in whatever field it stands; what only looks like one is not', () => {
  const report = contentAt('csam/valid/child-in-danger-with-everybody-named');
  const named = (name: string) => ({ ...report, people: { witnesses: [{ id: 'w1', name }] } });
  const classes = (name: string) => listDataClasses(named(name), 'categories/csam');
  expect(classes(`pn:${'0a'.repeat(16)}`)).toContain('pseudonym');
  expect(classes(`pn:${'0a'.repeat(16)}`)).not.toContain('witness.identity');
  for (const other of [
    `pn:${'0A'.repeat(16)}`,
    `pn:${'0a'.repeat(17)}`,
    'pn:Jane Doe',
    ` pn:${'0a'.repeat(16)}`,
  ])
    expect(classes(other)).toContain('witness.identity');
});

describe('pseudonymiseContent', () => {
  const report = contentAt('csam/valid/child-in-danger-with-everybody-named');
  const pseudonymOf = (value: string) => `pn:${value.length.toString(16).padStart(32, '0')}`;

  test.each(DATA_CLASS.filter((word) => word !== 'pseudonym'))(
    'leaves nothing of the class %s, in no content',
    (dataClass) => {
      for (const [, content] of CONTENTS) {
        const name = `categories/${content.category}`;
        const before = listDataClasses(content, name);
        const replaced = pseudonymiseContent(content, name, dataClass, pseudonymOf);
        const left = listDataClasses(replaced, name);
        expect(left).not.toContain(dataClass);
        expect(left.filter((word) => word !== 'pseudonym')).toEqual(
          before.filter((word) => word !== dataClass),
        );
      }
    },
  );

  test('keeps the report valid, and every person where they were', () => {
    const replaced = pseudonymiseContent(report, 'categories/csam', 'victim.identity', pseudonymOf);
    expect(codeOf(() => parseContent(jsonBytes(replaced)))).toBe('accepted');
    expect(replaced.people?.victims).toHaveLength(report.people?.victims?.length ?? -1);
  });

  test('takes out what has no room for a pseudonym, such as an IP address', () => {
    const customers = [{ id: 'c1', ip: '192.0.2.7', postal_address: 'Example Street 1' }];
    const replaced = pseudonymiseContent(
      { ...report, people: { customers } },
      'categories/csam',
      'customer.address',
      pseudonymOf,
    );
    const [customer] = (replaced.people as { customers: Record<string, unknown>[] }).customers;
    expect(customer).toEqual({ id: 'c1', postal_address: expect.any(String) });
    expect(customer?.postal_address).toMatch(/^pn:[0-9a-f]{32}$/);
  });

  test('leaves a pseudonym as it is, and takes out the value if none comes back', () => {
    const witnesses = [{ id: 'w1', name: `pn:${'1'.repeat(32)}`, contact: 'x' }];
    const content = { ...report, people: { witnesses } };
    const replaced = pseudonymiseContent(content, 'categories/csam', 'witness.identity', () => 'Jane Doe');
    expect(replaced.people?.witnesses).toEqual([{ id: 'w1', name: `pn:${'1'.repeat(32)}` }]);
  });
});
