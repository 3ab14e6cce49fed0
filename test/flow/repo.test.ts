import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LEDGER_SCHEMA, LEDGER_TABLES, OWN_SETTINGS, tablesOf } from '@entente/cli';
import { EDGE_SETTINGS } from '@entente/edge';
import { GATE_SETTINGS } from '@entente/gate';
import { LEDGER_SETTINGS, openStore, SCHEMA } from '@entente/ledger';
import { MONITOR_SETTINGS } from '@entente/monitor';
import { openForReading, SPANS } from '@entente/runtime';
import { describe, expect, it } from 'vitest';
import { repoRoot } from '../kit/examples.js';

const read = (path: string) => readFileSync(join(repoRoot, path), 'utf8');
const packages = ['packages', 'services'].flatMap((folder) =>
  readdirSync(join(repoRoot, folder)).map((name) => `${folder}/${name}`),
);

const SETTINGS: Readonly<Record<string, object>> = {
  ledger: LEDGER_SETTINGS,
  gate: GATE_SETTINGS,
  edge: EDGE_SETTINGS,
  monitor: MONITOR_SETTINGS,
};

const sourcesOfServices = () =>
  ['services', 'packages/runtime'].flatMap((folder) =>
    readdirSync(join(repoRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\/?src\/[\w-]+\.ts$/.test(file) && !/node_modules|\.test\.ts$/.test(file))
      .map((file) => read(join(folder, file))),
  );

describe('what stands in two places', () => {
  it('gives each third-party library one home, the one that CONTRIBUTING names', () => {
    const documented = new Map(
      [
        ...read('CONTRIBUTING.md').matchAll(/^\| `((?:packages|services)\/[\w-]+)` \| [^|]* \|([^|]*)\|$/gm),
      ].map(([, path = '', libraries = '']) => [
        path,
        [...libraries.matchAll(/`([^`]+)`/g)].map(([, name]) => name).toSorted(),
      ]),
    );
    const declared = new Map(
      packages.map((path) => {
        const { dependencies = {} } = JSON.parse(read(`${path}/package.json`)) as {
          dependencies?: Record<string, string>;
        };
        return [
          path,
          Object.keys(dependencies)
            .filter((name) => !name.startsWith('@entente/'))
            .toSorted(),
        ];
      }),
    );
    expect(declared).toEqual(documented);
    const homes = [...declared.values()].flat();
    expect(homes).toEqual([...new Set(homes)]);
  });

  it('documents every setting of every service, and no other', () => {
    const documented = [...read('docs/operate.md').matchAll(/^\| `ENTENTE_(\w+)` \| (.*?) \|/gm)].flatMap(
      ([, name = '', services = '']) => services.split(', ').map((service) => `${service} ${name}`),
    );
    const settings = Object.entries(SETTINGS).flatMap(([service, names]) =>
      Object.keys(names).map((name) => `${service} ${name}`),
    );
    expect(documented.toSorted()).toEqual(settings.toSorted());
  });

  it('names in its alarms no metric that there is not, and each that counts what is late', () => {
    const named = new Set(
      [...read('docs/operate.md').matchAll(/`?\bentente_(\w+)/g)].map(([, name]) => name ?? ''),
    );
    const there = new Set(
      sourcesOfServices().flatMap((text) =>
        [...text.matchAll(/\.(?:gauge|counter|seconds)\(\s*'(\w+)'/g)].map(([, name]) => name ?? ''),
      ),
    );
    expect(there.size).toBeGreaterThan(10);
    expect([...named].filter((name) => !there.has(name.replace(/_(count|bucket|sum)$/, '')))).toEqual([]);
    const late = [...there].filter((name) => /overdue|used_up|silent|quarantine|year_over/.test(name));
    expect(late.filter((name) => !named.has(name))).toEqual([]);
  });

  it('says of each line with ALARM what to do', () => {
    const lines = sourcesOfServices().flatMap((text) => [
      ...[...text.matchAll(/['`]ALARM: ([^'`$]+)/g)].map(([, words = '']) => words),
      // Beside the logger what follows the word ALARM.
      ...[...text.matchAll(/alarmOnChange\(\s*[\w.]+,\s*'([^']+)'/g)].map(([, words = '']) => words),
      ...[...text.matchAll(/\balarm\(`([^`]+)`/g)].map(([, words = '']) =>
        words.replace(/\$\{[^}]*\}/g, '…'),
      ),
    ]);
    expect(lines.length).toBeGreaterThan(25);
    const section = read('docs/operate.md').split('### Lines with `ALARM`')[1]?.split('\n## ')[0] ?? '';
    const told = [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, words = '']) => words);
    expect(lines.filter((line) => !told.some((words) => line.startsWith(words)))).toEqual([]);
    expect(told.filter((words) => !lines.some((line) => line.startsWith(words)))).toEqual([]);
  });

  it('documents every span with its service and kind, and no other', () => {
    const rows = [...read('docs/operate.md').matchAll(/^\| `((\w+)\.[\w-]+)` \| (\w+) \| (\w+) \|/gm)];
    expect(Object.fromEntries(rows.map(([, name, , , kind]) => [name, kind]))).toEqual(SPANS);
    for (const [, , prefix, service] of rows) expect(service).toBe(prefix);
  });

  it('gives an example of all settings of each service, and starts each from its own', () => {
    const examples = readdirSync(join(repoRoot, 'deploy/env'));
    expect(examples.map((file) => file.split(/[.-]/)[0]).toSorted()).toEqual(
      Object.keys(SETTINGS).toSorted(),
    );
    for (const file of examples) {
      const service = file.split(/[.-]/)[0] ?? '';
      const names = [...read(`deploy/env/${file}`).matchAll(/^ENTENTE_(\w+)=/gm)].map(([, name]) => name);
      expect(names.toSorted(), file).toEqual(Object.keys(SETTINGS[service] ?? {}).toSorted());
      const unit = read(`deploy/systemd/entente-${service}${file.includes('-') ? '@' : ''}.service`);
      expect(unit).toContain(`/opt/entente/services/${service}/dist/main.js`);
      expect(unit).toContain(`EnvironmentFile=/etc/entente/${file.replace(/-.*\.env$/, '-%i.env')}`);
    }
  });

  it('knows by its settings which service the doctor looks at', () => {
    expect(Object.keys(OWN_SETTINGS).toSorted()).toEqual(Object.keys(SETTINGS).toSorted());
    for (const [service, names] of Object.entries(OWN_SETTINGS))
      for (const name of names) {
        const known = Object.entries(SETTINGS).flatMap(([one, all]) => (name in all ? [one] : []));
        expect.soft(known, name).toEqual([service]);
      }
  });

  it('reads the database of a ledger in the schema that a ledger writes', () => {
    expect(LEDGER_SCHEMA).toBe(SCHEMA);
  });

  it('knows the tables of a ledger as a ledger makes them', () => {
    const dir = mkdtempSync(join(tmpdir(), 'entente-tables-'));
    const path = join(dir, 'ledger.sqlite');
    openStore(path).close();
    const database = openForReading(path, SCHEMA);
    expect(tablesOf(database)).toBe(LEDGER_TABLES);
    database.close();
    rmSync(dir, { recursive: true });
  });

  it('names only files and folders that exist', () => {
    for (const file of ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/operate.md']) {
      const named = [
        ...read(file).matchAll(
          /`((?:proto|packages|services|test|docs|examples|scripts|deploy)\/[\w./-]+)`/g,
        ),
      ].map(([, path = '']) => path);
      for (const path of named)
        expect.soft(existsSync(join(repoRoot, path)), `${file} names ${path}`).toBe(true);
    }
  });
});
