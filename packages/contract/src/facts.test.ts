import { describe, expect, test } from 'vitest';
import { computeFacts } from './compute-facts.js';
import { checkFacts, type Facts, sameFacts } from './facts.js';
import { codeOf } from './fixture/code-of.js';
import { schemaHash } from './fixture/schema-hash.js';
import { contentAt } from './fixture/vectors.js';
import { acceptedSchema } from './schemas.js';
import type { Content } from './validate-content.js';
import * as wire from './wire.js';

const ORDER = contentAt('terrorist-content/valid/removal-order-with-its-hour');
const FACTS = computeFacts(ORDER);

describe('checkFacts', () => {
  test('takes facts that come out of a header', () => {
    const bytes = wire.header.encode({ protocol: 1, facts: FACTS });
    expect(checkFacts(wire.header.decode(bytes).facts)).toEqual(FACTS);
  });

  test('takes the numbers at their bounds', () => {
    expect(
      checkFacts({ ...FACTS, itemCount: 100, retentionDays: 3650, deadlineMs: Number.MAX_SAFE_INTEGER }),
    ).toBeDefined();
    expect(checkFacts({ ...FACTS, itemCount: 1, retentionDays: 1, deadlineMs: 0 })).toBeDefined();
  });

  test.each([
    ['no facts', null],
    ['no facts, only an empty message', {}],
    ['a category nobody has', { ...FACTS, category: 'piracy' }],
    ['a word that every object has', { ...FACTS, action: 'constructor' }],
    ['a word in capitals', { ...FACTS, force: 'Order' }],
    ['a word with a NUL', { ...FACTS, purpose: 'removal\0' }],
    ['an empty word', { ...FACTS, urgency: '' }],
    ['an instrument that is none', { ...FACTS, instrument: 'letter' }],
    ['a basis that is none', { ...FACTS, legalBasis: ['because'] }],
    ['a class that is none', { ...FACTS, dataClasses: ['secret'] }],
    ['a class of the schemas that is no class', { ...FACTS, dataClasses: ['none'] }],
    ['a class twice', { ...FACTS, dataClasses: ['free-text', 'free-text'] }],
    ['a subject that is none', { ...FACTS, subjects: ['neighbour'] }],
    ['a name among the subjects', { ...FACTS, subjects: ['Maria Muster'] }],
    ['nine grounds', { ...FACTS, legalBasis: Array.from({ length: 9 }, () => 'led-8') }],
    ['no item', { ...FACTS, itemCount: 0 }],
    ['101 items', { ...FACTS, itemCount: 101 }],
    ['half an item', { ...FACTS, itemCount: 1.5 }],
    ['a number in words', { ...FACTS, itemCount: '1' }],
    ['not a number', { ...FACTS, deadlineMs: Number.NaN }],
    ['a time before all times', { ...FACTS, deadlineMs: -1 }],
    ['a time that no double holds', { ...FACTS, deadlineMs: 2 ** 53 }],
    ['no retention', { ...FACTS, retentionDays: 0 }],
    ['retention for ever', { ...FACTS, retentionDays: 3651 }],
    ['consent that is not yes or no', { ...FACTS, reporterConsent: 1 }],
    ['an unknown field', { ...FACTS, note: 'x' }],
    ['a list', [FACTS]],
    ['facts that are inherited only', Object.create(FACTS)],
  ])('refuses %s', (_, facts) => {
    expect(codeOf(() => checkFacts(facts))).toBe('facts-malformed');
  });

  test.each(Object.keys(FACTS))('refuses facts without %s', (field) => {
    const { [field as keyof Facts]: _, ...rest } = FACTS;
    expect(codeOf(() => checkFacts(rest))).toBe('facts-malformed');
  });

  test('says where the fault is, and not what stands there', () => {
    const facts = { ...FACTS, category: 'Maria Muster' };
    expect(() => checkFacts(facts)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('Muster') }),
    );
  });
});

describe('sameFacts', () => {
  test('asks neither for the order of words nor for that of fields', () => {
    const turned = Object.fromEntries(
      Object.entries(FACTS)
        .reverse()
        .map(([key, value]) => [key, Array.isArray(value) ? [...value].reverse() : value]),
    );
    expect(FACTS.dataClasses.length).toBeGreaterThan(1);
    expect(sameFacts(FACTS, turned as unknown as Facts)).toBe(true);
  });

  test.each(Object.keys(FACTS))('sees a difference in %s', (field) => {
    const value = FACTS[field as keyof Facts];
    const other = Array.isArray(value)
      ? [...value, 'other']
      : typeof value === 'number'
        ? value + 1
        : `${value}x`;
    expect(sameFacts(FACTS, { ...FACTS, [field]: other } as Facts)).toBe(false);
    expect(sameFacts({ ...FACTS, [field]: other } as Facts, FACTS)).toBe(false);
  });

  test('does not take a field more or less for the same', () => {
    expect(sameFacts(FACTS, { ...FACTS, note: '' } as Facts)).toBe(false);
  });

  test('does not change what it compares', () => {
    const facts = Object.freeze({ ...FACTS, subjects: Object.freeze(['victim', 'suspect'] as const) });
    expect(sameFacts(facts, { ...facts, subjects: ['suspect', 'victim'] })).toBe(true);
    expect(facts.subjects).toEqual(['victim', 'suspect']);
  });
});

describe('computeFacts', () => {
  const scoped = (...scopes: (string | undefined)[]) =>
    computeFacts({ ...ORDER, items: scopes.map((scope) => ({ scope })) } as unknown as Content).scope;

  test('takes the widest scope of all items, and none for the narrowest', () => {
    expect(scoped('none')).toBe('none');
    expect(scoped(undefined)).toBe('none');
    expect(scoped('none', 'exact-address')).toBe('exact-address');
    expect(scoped('domain', 'exact-address', 'none')).toBe('domain');
    expect(scoped('path', 'ip', 'domain')).toBe('ip');
  });

  test('gives the deadline to the millisecond, and 0 without one', () => {
    expect(computeFacts({ ...ORDER, deadline: '2026-11-03T09:41:12.345Z' }).deadlineMs).toBe(
      Date.UTC(2026, 10, 3, 9, 41, 12, 345),
    );
    const { deadline: _, ...without } = ORDER;
    expect(computeFacts(without).deadlineMs).toBe(0);
  });

  test('names the instrument of an order only', () => {
    expect(FACTS.instrument).toBe('tco-removal-order');
    const { order: _, ...notice } = ORDER;
    expect(computeFacts({ ...notice, force: 'notice' }).instrument).toBe('');
  });

  test('names each kind of person who is there', () => {
    const all = computeFacts(contentAt('csam/valid/child-in-danger-with-everybody-named'));
    expect(all.subjects).toEqual(expect.arrayContaining(['suspect', 'victim']));
    expect(computeFacts({ ...ORDER, people: {}, report: {} }).subjects).toEqual([]);
  });

  test('takes no consent that was not given', () => {
    expect(computeFacts({ ...ORDER, report: {} }).reporterConsent).toBe(false);
    expect(computeFacts({ ...ORDER, report: { source: { consent_to_share: true } } }).reporterConsent).toBe(
      true,
    );
  });
});

describe('the hash of a schema', () => {
  test('is another one for each category and for updates, and accepted for that one only', () => {
    const fraud = schemaHash('categories/fraud');
    expect(fraud).toHaveLength(32);
    expect(acceptedSchema('categories/fraud', fraud)).toBe(true);
    expect(acceptedSchema('categories/phishing', fraud)).toBe(false);
    expect(acceptedSchema('update', fraud)).toBe(false);
    expect(acceptedSchema('categories/fraud', fraud.subarray(0, 31))).toBe(false);
    expect(acceptedSchema('categories/fraud', new Uint8Array())).toBe(false);
  });

  test('is an error of ours for a category that is none', () => {
    expect(() => schemaHash('constructor')).toThrow('no schema');
  });
});
