import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadPack } from '../load-pack.js';
import { packsDir } from '../packs-dir.js';
import { withCopy } from '../test-kit.js';
import { findMissing, prove } from './prove.js';
import { type Point, type Space, spaceOf } from './space-of.js';

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
  expect(counts.permit).toBeGreaterThan(20);
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
