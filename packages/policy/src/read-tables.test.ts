import { describe, expect, it } from 'vitest';
import { PolicyError } from './error.js';
import { readTables } from './read-tables.js';
import { TABLES, type Tables } from './table-shapes.js';

const WORDS = new Map([
  ['Role', ['court', 'police']],
  ['Group', ['authority']],
  ['MemberType', ['police', 'isp']],
  ['Category', ['csam', 'fraud']],
  ['Action', ['remove', 'block']],
  ['Force', ['order']],
  ['Urgency', ['routine']],
  ['Instrument', ['warrant']],
  ['Clock', ['action']],
  ['LegalBasis', ['dsa-22']],
]);

type Name = keyof Tables;
const row = { nation: 'DE', from: '2026-01-01', to: null, source: 'test', verified: true };
const adequate = { ...row, covers: 'all' };
const clock = {
  ...{ from: '2026-01-01', to: '2026-12-31', source: 'test', verified: false, clock: 'action', minutes: 60 },
  ...{ kind: 'law', starts: 'issued', ends: 'acted', extendedBy: null, actions: ['remove'], categories: [] },
  ...{ forces: ['order'], urgencies: [], instruments: [], nations: ['DE', 'FR'] },
  ...{ roles: ['police'], legalBases: ['dsa-22'], abroadOnly: false },
};
const flagger = { ...row, member: 'hotline.de', categories: ['csam'] };
const role = { role: 'court', types: ['police', 'isp'], groups: ['authority'] };

function read(table: Name, text: string): Tables {
  const empty = TABLES.filter((name) => name !== table).map((name) =>
    fileOf(name, '{"title":"t","rows":[]}'),
  );
  return readTables([...empty, fileOf(table, text)], WORDS);
}

function fileOf(table: Name, text: string) {
  return { name: `tables/${table}.json`, bytes: Buffer.from(text), text };
}

const rows = (table: Name, ...list: unknown[]) =>
  read(table, JSON.stringify({ title: 't', rows: list }))[table] as readonly unknown[];

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof PolicyError && error.code === 'table-invalid') return error.message;
    throw error;
  }
  return 'taken';
}

describe('tables are read', () => {
  it.each<[Name, object]>([
    ['eu', row],
    ['eu', { ...row, to: '2026-01-01' }],
    ['eu', { ...row, note: 'anything' }],
    ['adequacy-gdpr', adequate],
    ['roles', role],
    ['roles', { ...role, types: [] }],
    ['clocks', clock],
    ['trusted-flaggers', flagger],
    ['clocks', { ...clock, extendedBy: 'court' }],
  ])('%s: %j', (table, good) => {
    expect(rows(table, good)).toEqual([good]);
    expect(Object.isFrozen(rows(table, good)[0])).toBe(true);
  });

  it('and every table is there, empty or not', () => {
    expect(Object.keys(read('eu', '{"title":"t","rows":[]}')).sort()).toEqual([...TABLES].sort());
  });
});

describe('a table is refused that is', () => {
  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"rows":[]}',
    '{"title":1,"rows":[]}',
    '{"title":"t"}',
    '{"title":"t","rows":{}}',
  ])('no table: %s', (text) => {
    expect(refusal(() => read('eu', text))).toMatch(
      /^tables\/eu\.json(: write \{"title": "…", "rows": \[…\]\}| is not JSON: .+)$/,
    );
  });

  it('absent', () => {
    expect(refusal(() => readTables([], WORDS))).toMatch(/is not JSON/);
  });

  it.each([[null], ['text'], [[]], [7]])('a row that is %j', (bad) => {
    expect(refusal(() => rows('eu', row, bad))).toBe('tables/eu.json, row 2 is not an object');
  });

  it('a row that has a field nobody reads, or ends before it begins', () => {
    expect(refusal(() => rows('eu', { ...row, form: '2026-01-01' }))).toBe(
      'tables/eu.json, row 1: nobody reads "form"',
    );
    expect(refusal(() => rows('eu', { ...row, from: '2026-01-02', to: '2026-01-01' }))).toBe(
      'tables/eu.json, row 1 ends before it begins',
    );
  });

  it.each<[Name, object, string, string]>([
    ['eu', row, 'nation', 'write two capital letters'],
    ['eu', row, 'from', 'write a day as YYYY-MM-DD'],
    ['eu', row, 'to', 'write the last day as YYYY-MM-DD, or null'],
    ['eu', row, 'source', 'write where this is from'],
    ['eu', row, 'verified', 'write true or false'],
    ['adequacy-gdpr', adequate, 'covers', 'write one of all, private, providers, listed'],
    ['roles', role, 'role', 'write one of court, police'],
    ['roles', role, 'types', 'write a list of police, isp'],
    ['clocks', clock, 'minutes', 'write a whole number of minutes'],
    ['clocks', clock, 'extendedBy', 'write one of court, police, or null'],
    ['clocks', clock, 'abroadOnly', 'write true or false'],
    ['clocks', clock, 'legalBases', 'write a list of dsa-22'],
    ['trusted-flaggers', flagger, 'member', 'write the id of a member, like "hotline.de"'],
    ['clocks', clock, 'nations', 'write a list of nations, each two capital letters'],
  ])('%s %j without a good "%s"', (table, good, field, words) => {
    for (const bad of [undefined, {}, 7.5, '', ' ', 'no-such-word', 'xDE', 'DEx', ['DEx'], -1, 0]) {
      if (field === 'source' && typeof bad === 'string' && bad.trim() !== '') continue;
      const said = refusal(() => rows(table, { ...good, [field]: bad }));
      expect(said).toBe(`tables/${table}.json, row 1: "${field}" is ${JSON.stringify(bad)}; ${words}`);
    }
  });

  it.each(['2026-1-01', '2026-02-30', '2026-13-01', 'x2026-01-01', '2026-01-01x', '0000-00-00'])(
    'a row from %s, which is no day',
    (from) => {
      expect(refusal(() => rows('eu', { ...row, from }))).toContain('write a day as YYYY-MM-DD');
    },
  );

  it('a row where only an end may be open', () => {
    expect(refusal(() => rows('eu', { ...row, from: null }))).toContain('"from" is null');
    expect(refusal(() => rows('roles', { ...role, role: null }))).toContain('"role" is null');
    expect(refusal(() => rows('roles', { ...role, types: 'police' }))).toContain('"types" is "police"');
    expect(refusal(() => rows('roles', { ...role, types: [7] }))).toContain('"types" is [7]');
  });
});
