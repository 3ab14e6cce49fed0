import { readdirSync, readFileSync } from 'node:fs';
import { nationOf } from '@entente/contract';
import { describe, expect, it } from 'vitest';
import type { Crossing } from './crossing.js';
import { EXCHANGE_CASES } from './fixture/cases-of-exchange.js';
import { LAW_CASES } from './fixture/cases-of-law.js';
import { ask, packOf, packs } from './fixture/shipped-packs.js';
import { packsDir } from './packs-dir.js';
import { TABLES } from './table-shapes.js';

const idsOf = (crossed: Crossing) => ask(crossed).rules.map(({ id }) => id);

/** For each rule. */
const CASES = { ...EXCHANGE_CASES, ...LAW_CASES };

describe('the rules of the shipped packs', () => {
  it('are all in the list of cases, and no other', () => {
    const all = [...packs.values()].flatMap((pack) => [...pack.rules.keys()]);
    expect(Object.keys(CASES).sort()).toEqual([...new Set(all)].sort());
  });

  it.each(Object.entries(CASES))(
    '%s matches its own case and spares its neighbour',
    (id, { bites, spares }) => {
      const effect = packOf(bites).rules.get(id)?.effect;
      expect(idsOf(bites)).toContain(id);
      expect(ask(bites).decision === 'permit').toBe(effect === 'permit');
      expect(idsOf(spares)).not.toContain(id);
    },
  );

  it('keep for no longer, by obligation, than what is forbidden', () => {
    for (const { rules } of packs.values()) {
      for (const { retentionDays } of rules.values()) expect(retentionDays ?? 0).toBeLessThanOrEqual(1095);
    }
  });
});

describe('what is listed twice', () => {
  it('each nation’s folder is a pack that is tested', () => {
    const folders = readdirSync(packsDir).filter((name) => /^[a-z]{2}$/.test(name));
    expect(folders.sort()).toEqual([...packs.keys()].map((nation) => nation.toLowerCase()).sort());
  });

  it('a deadline of EU law is set for the members of the EU, all of them and no others', () => {
    const { clocks = [], eu = [] } = packs.get('DE')?.tables ?? {};
    const members = eu.filter(({ to }) => to === null).map(({ nation }) => nation);
    const set = clocks.filter(({ nations }) => nations.length > 0);
    expect(set.length).toBeGreaterThan(0);
    for (const { nations } of set) expect([...nations].sort()).toEqual(members.sort());
  });

  it('a trusted flagger is a member of the nation whose coordinator gave the status, and that nation of the EU', () => {
    const { eu = [], 'trusted-flaggers': flaggers = [] } = packs.get('DE')?.tables ?? {};
    for (const { nation, member } of flaggers) {
      expect(nationOf(member)).toBe(nation);
      expect(eu.map((row) => row.nation)).toContain(nation);
    }
  });

  it.each(TABLES)('docs/packs.md explains the table %s', (table) => {
    const guide = readFileSync(new URL('../../../docs/packs.md', import.meta.url), 'utf8');
    expect(guide.split('\n').some((line) => line.startsWith('| `') && line.includes(`\`${table}\``))).toBe(
      true,
    );
  });
});
