import { expect, it } from 'vitest';
import {
  findClocks,
  findCompetence,
  findStanding,
  isCoveredByEmergency,
  isTrustedFlagger,
} from './find-standing.js';
import { crossing, DAY, ORDER, party } from './fixture/test-kit.js';
import { loadPack } from './load-pack.js';
import { packsDir } from './packs-dir.js';

const { tables } = loadPack(packsDir, 'DE');
const standing = (who: string, day = DAY) => findStanding(tables, party(who), day);

it('puts a role into its groups', () => {
  expect(standing('isp.de').groups).toEqual(['provider', 'private', 'host']);
  expect(standing('isp.de access').groups).not.toContain('host');
  expect(standing('police.de').groups).toEqual(['authority']);
});

it('gives a role only to the types that may hold it', () => {
  expect(standing('hotline.de').holdsRole).toBe(true);
  expect(standing('hotline.de ministry').holdsRole).toBe(false);
  expect(standing('isp.de registrar').holdsRole).toBe(true);
});

it('reads a standing on its first and its last day, and not outside', () => {
  expect(standing('hotline.gb', '2021-06-27').adequate).toBe(false);
  expect(standing('hotline.gb', '2021-06-28').adequate).toBe(true);
  expect(standing('hotline.gb', '2031-12-27').adequate).toBe(true);
  expect(standing('hotline.gb', '2031-12-28').adequate).toBe(false);
});

it('lets a decision on private bodies cover no authority, and one on listed organisations nobody', () => {
  expect(standing('isp.jp').adequate).toBe(true);
  expect(standing('police.jp').adequate).toBe(false);
  expect(standing('isp.us').adequate).toBe(false);
});

it('lets a decision on providers cover no hotline, and the one on the Faeroes no police and no court', () => {
  const adequate = (who: string) => standing(who).adequate;
  expect(['isp.ca', 'isp.ca registrar', 'hotline.ca', 'ministry.ca'].map(adequate)).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(['isp.fo', 'hotline.fo', 'police.fo', 'court.fo'].map(adequate)).toEqual([true, true, false, false]);
});

it('tells the EEA, the Law Enforcement Directive and treaties apart', () => {
  expect(standing('police.ch')).toMatchObject({ gdpr: false, led: true });
  expect(standing('police.no')).toMatchObject({ gdpr: true, led: true });
  expect(standing('police.us')).toMatchObject({
    gdpr: false,
    led: false,
    treaties: ['budapest', 'eu-us-umbrella'],
  });
  expect(standing('police.xx')).toMatchObject({ gdpr: false, adequate: false, led: false, treaties: [] });
});

it('finds competence only where nation, role, instrument, category, action and day are all in one row', () => {
  const base = crossing('police.de', 'isp.fr', ORDER.tco);
  expect(findCompetence(tables, base).length > 0).toBe(true);
  const others = [
    { ...base, from: party('police.se') },
    { ...base, from: party('ministry.de') },
    { ...base, from: party('hotline.de') },
    { ...base, facts: { ...base.facts, instrument: 'dsa-9-order' as const } },
    { ...base, facts: { ...base.facts, instrument: '' as const } },
    { ...base, facts: { ...base.facts, category: 'csam' as const } },
    { ...base, facts: { ...base.facts, action: 'block' as const } },
    { ...base, day: '2022-07-26' },
  ];
  expect(others.map((other) => findCompetence(tables, other))).toEqual(others.map(() => []));
});

it('lets the police of Great Britain order who a customer is only since the section that says so is in force', () => {
  const order = { ...ORDER.dsa10, instrument: 'production-order', legalBasis: ['national-law'] } as const;
  const on = (day: string) =>
    findCompetence(tables, { ...crossing('police.gb', 'isp.gb access', order), day }).length > 0;
  expect([on('2019-02-04'), on('2019-02-05')]).toEqual([false, true]);
});

it('keeps a domestic competence at home', () => {
  expect(findCompetence(tables, crossing('police.fr', 'isp.fr access', ORDER.block)).length > 0).toBe(true);
  expect(findCompetence(tables, crossing('police.fr', 'isp.nl access', ORDER.block)).length > 0).toBe(false);
});

const dated = { from: '2020-01-01', to: null, source: 'test', verified: false };

it('lets any one of the types that a role names hold it, and nobody a role that no row names', () => {
  const roles = [{ role: 'hosting' as const, types: ['isp' as const, 'hotline' as const], groups: [] }];
  const holds = (types: readonly string[], role = 'hosting') =>
    findStanding({ ...tables, roles }, { ...party('isp.de'), types, role } as never, DAY);
  expect(holds(['isp']).holdsRole).toBe(true);
  expect(holds(['police', 'hotline']).holdsRole).toBe(true);
  expect(holds(['police']).holdsRole).toBe(false);
  expect(holds(['isp'], 'court')).toMatchObject({ holdsRole: false, groups: [] });
});

it('lets an emergency cover only what its row lists, every class of it, and only in an emergency', () => {
  const row = {
    ...dated,
    roles: ['hosting'],
    categories: ['csam'],
    dataClasses: ['network-address', 'free-text'],
  };
  const covers = (changes: object, table: object = row) =>
    isCoveredByEmergency(
      { ...tables, emergency: [table] } as never,
      crossing('police.de', 'isp.fr', { urgency: 'emergency', dataClasses: ['network-address'], ...changes }),
    );
  expect(covers({})).toBe(true);
  expect(covers({ dataClasses: ['network-address', 'free-text'] })).toBe(true);
  expect(covers({ dataClasses: ['network-address', 'victim.identity'] })).toBe(false);
  expect(covers({ urgency: 'routine' })).toBe(false);
  expect(covers({ category: 'fraud' })).toBe(false);
  expect(covers({}, { ...row, roles: ['access'] })).toBe(false);
  expect(covers({}, { ...row, to: '2026-11-22' })).toBe(false);
});

it('sets a clock only for the instruments and nations that its row names, and for any where it names none', () => {
  const row = {
    ...{ ...dated, clock: 'act-on-notice', minutes: 60, kind: 'law', starts: 'delivered', ends: 'acted' },
    ...{
      extendedBy: null,
      actions: ['remove'],
      categories: ['csam'],
      forces: ['notice'],
      urgencies: ['routine'],
    },
    ...{ instruments: [], nations: [], roles: [], legalBases: [], abroadOnly: false },
  };
  const clocks = (changes: object, to = 'isp.fr') =>
    findClocks({ ...tables, clocks: [{ ...row, ...changes }] } as never, crossing('hotline.de', to)).length;
  expect(clocks({})).toBe(1);
  expect(clocks({ instruments: ['tco-removal-order'] })).toBe(0);
  expect(clocks({ nations: ['FR'] })).toBe(1);
  expect(clocks({ nations: ['DE'] })).toBe(0);
  expect(clocks({ roles: ['hosting'] })).toBe(1);
  expect(clocks({ roles: ['platform'] })).toBe(0);
  expect(clocks({ legalBases: ['dsa-16', 'dsa-22'] })).toBe(1);
  expect(clocks({ legalBases: ['dsa-22'] })).toBe(0);
  expect(clocks({ abroadOnly: true })).toBe(1);
  expect(clocks({ abroadOnly: true }, 'isp.de')).toBe(0);
  expect(clocks({ forces: ['order'] })).toBe(0);
  expect(clocks({ to: '2026-11-22' })).toBe(0);
});

it('has a trusted flagger only by the register, for the category and on the days of its row, where it is relied on', () => {
  const row = { ...dated, nation: 'DE', member: 'hotline.de', categories: ['csam'] };
  const is = (changes: object, table: object = row, from = 'hotline.de') =>
    isTrustedFlagger(
      { ...tables, 'trusted-flaggers': [table] } as never,
      crossing(from, 'isp.fr platform', { legalBasis: ['dsa-22'], ...changes }),
    );
  expect(is({})).toBe(true);
  expect(is({ legalBasis: ['dsa-16'] })).toBe(false);
  expect(is({ category: 'fraud' })).toBe(false);
  expect(is({}, row, 'hotline2.de')).toBe(false);
  expect(is({}, { ...row, from: '2026-11-24' })).toBe(false);
  expect(is({}, { ...row, to: '2026-11-23' })).toBe(true);
  expect(is({}, { ...row, to: '2026-11-22' })).toBe(false);
});
