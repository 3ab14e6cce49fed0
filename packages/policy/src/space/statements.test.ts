import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withCopy } from '../fixture/test-kit.js';
import { loadPack } from '../load-pack.js';
import { packsDir } from '../packs-dir.js';
import { findMissing, prove } from './prove.js';
import { type Point, type Space, spaceOf } from './space-of.js';
import { NAMED } from './statements.js';

// A sample of what `npm run prove` decides.
const SAMPLE = 1100;
const NATIONS = readdirSync(packsDir)
  .filter((name) => /^[a-z]{2}$/.test(name))
  .map((name) => name.toUpperCase());

function* series(space: Space, count: number): Generator<Point> {
  for (let index = 0; index < count; index++) yield space.sample(index);
}

it.each(NATIONS)('every statement holds over a sample of the requests of %s', (nation) => {
  const pack = loadPack(packsDir, nation);
  const space = spaceOf(pack);
  const { broken, counts } = prove(pack, space, series(space, SAMPLE));
  expect(broken).toEqual([]);
  // Where nothing passes, a statement about what passes shows nothing. To a country without a ground little does.
  expect(counts.permit).toBeGreaterThan(10);
  expect(counts.refuse).toBeGreaterThan(500);
});

it.each(NATIONS)('what has to pass does pass in %s', (nation) => {
  const pack = loadPack(packsDir, nation);
  expect(findMissing(pack, spaceOf(pack), 1000)).toEqual([]);
});

// A statement that no missing rule can break proves nothing. Everything is permitted here.
it('would notice that there are no limits, and shows the smallest request that breaks each statement', () => {
  const pack = withCopy(({ dir, edit }) => {
    const files = readdirSync(dir, { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.cedar'))) edit(file, () => '// none');
    edit('base/all.cedar', () => '@id("all") @basis("b") @says("s") permit (principal, action, resource);');
    return loadPack(dir, 'FR');
  });
  // No rule is left that reads anything, so the space of the real pack is asked.
  const space = spaceOf(loadPack(packsDir, 'FR'));
  const { broken } = prove(pack, space, series(space, 600));
  expect(broken.map(({ statement }) => statement)).toEqual(
    expect.arrayContaining([
      expect.stringContaining('victim.identity'),
      expect.stringContaining('reporter.*'),
      expect.stringContaining('row of competence'),
      expect.stringContaining('only authorities order'),
      expect.stringContaining('block goes to access'),
      expect.stringContaining('without a ground'),
      expect.stringContaining('customer data'),
    ]),
  );
  const victim = broken.find(({ statement }) => statement.startsWith('victim'))?.example ?? '{}';
  expect(JSON.parse(victim).dataClasses).toEqual(['victim.identity']);
});

// A word that only a statement names would be merged with others, and the statement would not be asked about it.
it('each word that a statement names is one of its own in every space', () => {
  const source =
    readFileSync(new URL('./statements.ts', import.meta.url), 'utf8').split(
      'export interface Existence',
    )[0] ?? '';
  const pack = loadPack(packsDir, 'DE');
  // Sets are taken whole, and who acts in which role is not what these are compared with.
  const others = [
    'DataClass',
    'LegalBasis',
    'DataSought',
    'Subject',
    'MemberType',
    'Group',
    'Treaty',
    'Clock',
  ];
  const words = [...pack.words].filter(([type]) => !others.includes(type)).flatMap(([, list]) => list);
  const statements = source.slice(source.indexOf('export const STATEMENTS'));
  const named = words.filter((word) => statements.includes(`'${word}'`));
  expect(Object.values(NAMED).flat()).toEqual(expect.arrayContaining(named));
  expect(named).toContain('produce');
});

it('days on which the same rows are in force are alike, and others are not', () => {
  const { inForceOn } = spaceOf(loadPack(packsDir, 'DE'));
  // The derogation for scanning ended on 3 April 2026; nothing began or ended in the two weeks before.
  expect(inForceOn('2026-03-20')).toBe(inForceOn('2026-04-03'));
  expect(inForceOn('2026-04-04')).not.toBe(inForceOn('2026-04-03'));
});
