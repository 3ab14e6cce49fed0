import { expect, it } from 'vitest';
import { findCompetence, findStanding } from './find-standing.js';
import { loadPack } from './load-pack.js';
import { packsDir } from './packs-dir.js';
import { crossing, DAY, ORDER, party } from './test-kit.js';

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
  const base = crossing('ministry.de', 'isp.fr', ORDER.tco);
  expect(findCompetence(tables, base).length > 0).toBe(true);
  const others = [
    { ...base, from: party('ministry.se') },
    { ...base, from: party('hotline.de') },
    { ...base, facts: { ...base.facts, instrument: 'dsa-9-order' as const } },
    { ...base, facts: { ...base.facts, instrument: '' as const } },
    { ...base, facts: { ...base.facts, category: 'csam' as const } },
    { ...base, facts: { ...base.facts, action: 'block' as const } },
    { ...base, day: '2022-06-06' },
  ];
  expect(others.map((other) => findCompetence(tables, other))).toEqual(others.map(() => []));
});

it('keeps a domestic competence at home', () => {
  expect(findCompetence(tables, crossing('ministry.fr', 'isp.fr access', ORDER.block)).length > 0).toBe(true);
  expect(findCompetence(tables, crossing('ministry.fr', 'isp.nl access', ORDER.block)).length > 0).toBe(
    false,
  );
});
