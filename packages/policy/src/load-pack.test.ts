import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectRefusal, type Fault, RULE } from './fixture/pack-fault.js';
import { type Copy, withCopy } from './fixture/test-kit.js';
import { loadPack } from './load-pack.js';
import { packsDir } from './packs-dir.js';

describe('loadPack', () => {
  it.each(['DE', 'FR', 'NL'])('loads the pack of %s that is shipped', (nation) => {
    const pack = loadPack(packsDir, nation);
    expect(pack.nation).toBe(nation);
    expect(pack.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(pack.rules.size).toBeGreaterThan(25);
  });

  it('gives each nation a name of its own, the same whenever and wherever it is loaded', () => {
    const names = ['DE', 'FR', 'NL'].map((nation) => loadPack(packsDir, nation).sha256);
    expect(new Set(names).size).toBe(3);
    expect(withCopy(({ dir }) => ['DE', 'FR', 'NL'].map((nation) => loadPack(dir, nation).sha256))).toEqual(
      names,
    );
  });

  it('parses a pack once', () => {
    expect(loadPack(packsDir, 'DE')).toBe(loadPack(packsDir, 'DE'));
  });

  it('keeps two packs of a nation, those that were loaded last', () => {
    const changed = (by: string) =>
      withCopy(({ dir, edit }) => {
        edit('nl/none.cedar', (text) => `${text}${by}`);
        return loadPack(dir, 'NL');
      });
    const first = loadPack(packsDir, 'NL');
    changed('// 1\n');
    expect(loadPack(packsDir, 'NL')).toBe(first);
    changed('// 2\n');
    expect(loadPack(packsDir, 'NL')).toBe(first);
    for (const by of ['// 3\n', '// 4\n']) changed(by);
    const again = loadPack(packsDir, 'NL');
    expect(again).not.toBe(first);
    expect(again.sha256).toBe(first.sha256);
  });

  it('reads no file of another nation', () => {
    const name = loadPack(packsDir, 'DE').sha256;
    const changed = withCopy(({ dir, edit }) => {
      edit('fr/blocking.cedar', (text) => `${text}\n`);
      return loadPack(dir, 'DE').sha256;
    });
    expect(changed).toBe(name);
  });

  it.each(['schema.cedarschema', 'base/notices.cedar', 'de/blocking.cedar', 'tables/gdpr.json'])(
    'has another hash when a byte of %s changes',
    (file) => {
      const name = loadPack(packsDir, 'DE').sha256;
      const changed = withCopy(({ dir, edit }) => {
        edit(file, (text) => `${text}\n`);
        return loadPack(dir, 'DE').sha256;
      });
      expect(changed).not.toBe(name);
    },
  );

  it('has another hash when a file is missing, is added, or has another name', () => {
    const hashes = [
      () => {},
      ({ remove }: Copy) => remove('base/limits-transfer.cedar'),
      ({ edit }: Copy) => edit('de/empty.cedar', () => ''),
      ({ edit, remove }: Copy) => {
        edit('de/renamed.cedar', () => readFileSync(join(packsDir, 'de/blocking.cedar'), 'utf8'));
        remove('de/blocking.cedar');
      },
    ].map((change) =>
      withCopy((copy) => {
        change(copy);
        return loadPack(copy.dir, 'DE').sha256;
      }),
    );
    expect(new Set(hashes).size).toBe(4);
  });
});

const row =
  (table: string, change: (row: Record<string, unknown>) => void) =>
  ({ edit }: Copy) =>
    edit(`tables/${table}.json`, (text) => {
      const parsed = JSON.parse(text);
      change(parsed.rows[0]);
      return JSON.stringify(parsed);
    });

const FAULTS: readonly Fault[] = [
  {
    what: 'a nation in small letters',
    code: 'pack-missing',
    names: 'capital',
    nation: 'de',
    change: () => {},
  },
  { what: 'a nation that is a path', code: 'pack-missing', names: 'capital', nation: '..', change: () => {} },
  { what: 'a nation without a folder', code: 'pack-missing', names: 'xx', nation: 'XX', change: () => {} },
  {
    what: 'a folder without rules',
    code: 'pack-missing',
    names: 'de/',
    change: ({ remove }) => remove('de/blocking.cedar'),
  },
  {
    what: 'no schema',
    code: 'pack-missing',
    names: 'schema.cedarschema',
    change: ({ remove }) => remove('schema.cedarschema'),
  },
  {
    what: 'a missing table',
    code: 'pack-missing',
    names: 'led.json',
    change: ({ remove }) => remove('tables/led.json'),
  },
  {
    what: 'a misspelt ending',
    code: 'pack-untidy',
    names: 'de/more.ceder',
    change: ({ edit }) => edit('de/more.ceder', () => RULE),
  },
  {
    what: 'a table nobody asks',
    code: 'pack-untidy',
    names: 'more.json',
    change: ({ edit }) => edit('tables/more.json', () => '{}'),
  },
  {
    what: 'a rule outside the folders',
    code: 'pack-untidy',
    names: 'more.cedar',
    change: ({ edit }) => edit('more.cedar', () => RULE),
  },
  {
    what: 'bytes that are not UTF-8',
    code: 'pack-untidy',
    names: 'de/more.cedar',
    change: ({ dir }) => writeFileSync(join(dir, 'de/more.cedar'), Buffer.from([0x2f, 0x2f, 0xff])),
  },
  {
    what: 'a group of actions',
    code: 'schema-invalid',
    names: '"remove" is in a group',
    change: ({ edit }) => {
      edit('schema.cedarschema', (text) => {
        const [, all = '', applies = ''] = /^action ("assess".*?) (appliesTo \{.*^\};)/ms.exec(text) ?? [];
        const grouped = `action "harm";\naction "remove" in ["harm"] ${applies}\n`;
        return text.replace(`action ${all}`, `${grouped}action ${all.replace(' "remove",', '')}`);
      });
      const head = '@id("no-harm") @basis("A test") @says("No.")';
      edit('de/more.cedar', () => `${head} forbid (principal, action in Action::"harm", resource);`);
    },
  },
  {
    what: 'a broken schema',
    code: 'schema-invalid',
    names: 'schema',
    change: ({ edit }) => edit('schema.cedarschema', (text) => text.replace('};', '}')),
  },
  {
    what: 'a table that is not JSON',
    code: 'table-invalid',
    names: 'tables/gdpr.json',
    change: ({ edit }) => edit('tables/gdpr.json', (text) => text.slice(1)),
  },
  {
    what: 'a table without rows',
    code: 'table-invalid',
    names: 'tables/gdpr.json',
    change: ({ edit }) => edit('tables/gdpr.json', () => '{"title": "x"}'),
  },
  {
    what: 'a row without a source',
    code: 'table-invalid',
    names: '"source"',
    change: row('gdpr', (r) => delete r.source),
  },
  {
    what: 'a day that does not exist',
    code: 'table-invalid',
    names: '"from"',
    change: row('gdpr', (r) => Object.assign(r, { from: '2026-02-30' })),
  },
  {
    what: 'a row that ends before it begins',
    code: 'table-invalid',
    names: 'row 1',
    change: row('gdpr', (r) => Object.assign(r, { to: '2001-01-01' })),
  },
  {
    what: 'a nation in small letters in a row',
    code: 'table-invalid',
    names: '"nation"',
    change: row('led', (r) => Object.assign(r, { nation: 'de' })),
  },
  {
    what: 'a misspelt field of a row',
    code: 'table-invalid',
    names: '"until"',
    change: row('led', (r) => Object.assign(r, { until: '2030-01-01' })),
  },
  {
    what: 'a misspelt role of a row',
    code: 'table-invalid',
    names: '"role"',
    change: row('competence', (r) => Object.assign(r, { role: 'minister' })),
  },
  {
    what: 'a misspelt action of a row',
    code: 'table-invalid',
    names: '"actions"',
    change: row('competence', (r) => Object.assign(r, { actions: ['delete'] })),
  },
  {
    what: 'a word where a flag belongs',
    code: 'table-invalid',
    names: '"crossBorder"',
    change: row('competence', (r) => Object.assign(r, { crossBorder: 'no' })),
  },
  {
    what: 'a table of a treaty that rules do not know',
    code: 'pack-untidy',
    names: 'tables/oslo.json',
    change: ({ edit }) => edit('tables/oslo.json', () => '{"title": "x", "rows": []}'),
  },
  {
    what: 'a validation by nobody known',
    code: 'table-invalid',
    names: '"validatedBy"',
    change: row('competence', (r) => Object.assign(r, { validatedBy: 'king' })),
  },
  {
    what: 'a clock that runs no time',
    code: 'table-invalid',
    names: '"minutes"',
    change: row('clocks', (r) => Object.assign(r, { minutes: 0 })),
  },
  {
    what: 'a clock for no nation',
    code: 'table-invalid',
    names: '"nations"',
    change: row('clocks', (r) => Object.assign(r, { nations: ['Germany'] })),
  },
  {
    what: 'an adequacy that covers something else',
    code: 'table-invalid',
    names: '"covers"',
    change: row('adequacy-gdpr', (r) => Object.assign(r, { covers: 'most' })),
  },
];

describe('loadPack refuses', () => {
  it.each(FAULTS)('$what', expectRefusal);
});
