import { describe, expect, it } from 'vitest';
import { decide } from '../decide.js';
import { packs } from '../fixture/shipped-packs.js';
import { type Copy, withCopy } from '../fixture/test-kit.js';
import { loadPack } from '../load-pack.js';
import type { Pack } from '../pack.js';
import { partDay } from './day-regions.js';
import { ALL, type Diagrams, NONE, type Region } from './diagrams.js';
import { describe as inWords } from './find-counterexample.js';
import { placesFor, variablesOf } from './open-choices.js';
import { compareWithEngine, findBreach, proveDay } from './prove-whole.js';
import { spaceOf } from './space-of.js';
import { STATEMENTS } from './statements.js';

function isIn({ nodeOf }: Diagrams, region: Region, places: readonly number[]): boolean {
  if (region === ALL || region === NONE) return region === ALL;
  const { choice, branches } = nodeOf(region);
  return isIn({ nodeOf } as Diagrams, branches[places[choice] as number] as Region, places);
}

describe('a day of all requests', () => {
  it.each([...packs.keys()])(
    'keeps every statement, and is parted as the engine decides, in %s',
    (nation) => {
      const pack = packs.get(nation) as Pack;
      const space = spaceOf(pack);
      const { broken, requests, permitted, held } = proveDay(pack, space, space.usualDay);
      expect(broken).toEqual([]);
      expect(requests).toBeGreaterThan(space.sizeOn(space.usualDay));
      expect(permitted).toBeGreaterThan(10n ** 24n);
      expect(held + permitted).toBeLessThan(requests / 100n);
    },
  );

  it.each(['DE', 'GB'])('has each request of the sample where the engine puts it, in %s', (nation) => {
    const pack = packs.get(nation) as Pack;
    const space = spaceOf(pack);
    const day = space.usualDay;
    const parts = partDay(pack, space, day);
    const dimensions = space.dimensionsOn(day);
    const names = variablesOf(dimensions, space.sets).map(({ name }) => name);
    const seen = new Set<string>();
    for (let i = 0; i < 600; i++) {
      const { choices } = space.sample(i, 3);
      const point = {
        day,
        choices: { ...choices, nations: dimensions.nations[i % dimensions.nations.length] },
      };
      const places = new Map(placesFor(dimensions, space.sets, point.choices as never));
      const at = names.map((name) => places.get(name) as number);
      const { decision, awaits } = decide(pack, space.crossing(point as never));
      seen.add(decision);
      const found = parts.outcomes.filter(({ region }) => isIn(parts.diagrams, region, at));
      expect(found.map(({ outcome }) => outcome)).toEqual([awaits ? { decision, awaits } : { decision }]);
      expect(parts.choicesOf(at)).toEqual(point.choices);
    }
    expect([...seen].sort()).toEqual(expect.arrayContaining(['permit', 'refuse']));
  });
});

/** Takes a rule out. */
const without =
  (file: string, id: string) =>
  ({ edit }: Copy) =>
    edit(`base/${file}.cedar`, (text) => text.replace(new RegExp(`@id\\("${id}"\\)[^]*?;\n`), ''));
const changed =
  (file: string, from: string | RegExp, to: string) =>
  ({ edit }: Copy) =>
    edit(file, (text) => {
      const after = text.replace(from, to);
      if (after === text) throw new Error(`${file} has no ${from}`);
      return after;
    });

// What breaks each statement, and what is unusual about the smallest request that shows it.
const BROKEN: readonly [string, string, (copy: Copy) => void, Record<string, unknown>][] = [
  [
    'reporter.*',
    'a rule is missing',
    without('limits-people', 'reporter-stays-home'),
    { dataClasses: ['reporter.identity'] },
  ],
  [
    'nothing personal',
    'a rule is missing',
    without('limits-transfer', 'transfer-without-ground'),
    { nations: ['DE', 'AU'], dataClasses: ['pseudonym'] },
  ],
  [
    'no order passes',
    'no rule asks for competence',
    (copy) => {
      without('limits-orders', 'order-without-competence')(copy);
      changed('base/authorities.cedar', 'when { context.competent };', ';')(copy);
    },
    { demand: { force: 'order', instrument: '' } },
  ],
  [
    'an emergency widens',
    'the table is not asked',
    changed(
      'base/emergencies.cedar',
      'context.emergencyCovers',
      'context.facts.urgency == Urgency::"emergency"',
    ),
    { urgency: 'emergency' },
  ],
  [
    'an emergency widens',
    'no clock makes anybody review it',
    changed('tables/clocks.json', '"emergency-review"', '"assessment"'),
    { urgency: 'emergency' },
  ],
  [
    'a hold is released',
    "the origin's ministry is awaited, and any other approves",
    changed(
      'base/limits-transfer.cedar',
      /context\.originApprovals\.contains\(Role::"ministry"\)/,
      'context.approvals.contains(Role::"court")',
    ),
    { origin: 'listed', approvals: [{ role: 'court', atOrigin: false }] },
  ],
  [
    'a hold is released',
    'an approval lifts what is refused and not held',
    changed(
      'base/limits-handling.cedar',
      'unless { context.facts.onwardConsent };',
      'unless { context.facts.onwardConsent || context.originApprovals.contains(Role::"ministry") };',
    ),
    { origin: 'listed', approvals: [{ role: 'ministry', atOrigin: true }] },
  ],
];

describe('a pack that is wrong', () => {
  it.each(BROKEN)('breaks "%s" where %s', (word, _what, change, unusual) => {
    const weaker = withCopy((copy) => {
      change(copy);
      return loadPack(copy.dir, 'DE');
    });
    const space = spaceOf(weaker);
    const statement = STATEMENTS.find(({ name }) => name.startsWith(word));
    if (!statement) throw new Error(`no statement begins with "${word}"`);
    const point = findBreach(weaker, space, partDay(weaker, space, space.usualDay), statement);
    if (!point) throw new Error('nothing was found');
    expect(decide(weaker, space.crossing(point)).decision).toBe('permit');
    expect(JSON.parse(inWords(space, point))).toMatchObject(unusual);
  });
});

it('is not believed where the engine decides otherwise', () => {
  const pack = packs.get('DE') as Pack;
  const space = spaceOf(pack);
  const parts = partDay(pack, space, space.usualDay);
  const swapped = parts.outcomes.map(({ region }) => ({ outcome: { decision: 'permit' } as const, region }));
  expect(() => compareWithEngine(pack, space, { ...parts, outcomes: swapped })).toThrow('the engine decides');
});
