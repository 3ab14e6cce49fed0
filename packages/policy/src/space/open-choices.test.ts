import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packs } from '../fixture/shipped-packs.js';
import type { Pack } from '../pack.js';
import { ALL, createDiagrams, type Diagrams, NONE, type Region } from './diagrams.js';
import type { Choices } from './dimensions.js';
import { findRegions, type Known } from './find-regions.js';
import { createMeasures } from './measure-region.js';
import { choicesAt, openChoices, placesFor, Unknown, variablesOf } from './open-choices.js';
import { spaceOf } from './space-of.js';

const space = spaceOf(packs.get('DE') as Pack);
const dimensions = space.dimensionsOn(space.usualDay);
const { sets } = space;
const variables = variablesOf(dimensions, sets);

/** What is read of open choices before the first that is not known. */
function readWith<T>(known: Readonly<Record<string, number>>, read: (choices: Choices) => T): T | string {
  const choices = openChoices(dimensions, sets, (name) => {
    if (known[name] === undefined) throw new Unknown(name);
    return known[name];
  });
  try {
    return read(choices);
  } catch (open) {
    if (open instanceof Unknown) return `needs ${open.name}`;
    throw open;
  }
}

describe('choices of which some are made', () => {
  it('say what they wait for, and answer once it is known', () => {
    expect(readWith({}, ({ urgency }) => urgency)).toBe('needs urgency');
    expect(readWith({ urgency: 1 }, ({ urgency }) => urgency)).toBe(dimensions.urgency[1]);
    expect(readWith({ sender: 2 }, ({ roles }) => roles[0])).toBe(dimensions.roles[2]?.[1]);
    expect(readWith({ sender: 2 }, ({ roles }) => roles[1])).toBe('needs recipient');
  });

  it('ask of a list only for the words that matter', () => {
    const [first, second, third] = sets.dataClasses;
    const classes = <T>(known: Record<string, number>, read: (list: Choices['dataClasses']) => T) =>
      readWith(known, ({ dataClasses }) => read(dataClasses));
    expect(classes({}, (list) => list.includes(second as string))).toBe('needs dataClasses 1');
    expect(classes({ 'dataClasses 1': 1 }, (list) => list.includes(second as string))).toBe(true);
    expect(classes({ 'dataClasses 1': 0 }, (list) => list.includes(second as string))).toBe(false);
    expect(classes({}, (list) => list.includes('no such word'))).toBe(false);
    expect(classes({}, (list) => list.every((word) => word !== third))).toBe('needs dataClasses 2');
    expect(classes({ 'dataClasses 2': 1 }, (list) => list.every((word) => word !== third))).toBe(false);
    expect(classes({ 'dataClasses 2': 0 }, (list) => list.every((word) => word !== third))).toBe(true);
    expect(classes({ 'dataClasses 0': 1 }, (list) => list.some(() => true))).toBe(true);
    expect(classes({ 'dataClasses 0': 0 }, (list) => list.some((word) => word === first))).toBe(false);
    const mapped = (list: readonly string[]) =>
      list.map((word) => `${word}!`).filter((word) => word !== `${first}!`);
    expect(classes({ 'dataClasses 0': 1 }, (list) => mapped(list).includes(`${first}!`))).toBe(false);
    expect(classes({ 'dataClasses 1': 1 }, (list) => mapped(list).includes(`${second}!`))).toBe(true);
    expect(classes({}, (list) => Array.isArray(mapped(list)))).toBe(true);
    expect(() => classes({}, (list) => list.length)).toThrow('has no "length"');
  });

  it('are those of their places, and have these places', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { minLength: variables.length, maxLength: variables.length }),
        (numbers) => {
          const places = new Map(
            variables.map(({ name, size }, index) => [name, (numbers[index] as number) % size]),
          );
          const choices = choicesAt(dimensions, sets, (name) => places.get(name) as number);
          expect(new Map(placesFor(dimensions, sets, choices))).toEqual(places);
        },
      ),
    );
    expect(() => placesFor(dimensions, sets, { urgency: 'never' })).toThrow(
      'the space has no urgency "never"',
    );
  });

  it('leave no choice out', () => {
    const own = { ...dimensions, ...sets };
    expect(Object.keys(choicesAt(dimensions, sets, () => 0)).sort()).toEqual(Object.keys(own).sort());
  });
});

describe('a question about a request of which nothing is known', () => {
  const SIZES: Readonly<Record<string, number>> = { a: 3, b: 2, c: 4 };
  const NAMES = Object.keys(SIZES);
  const POINTS = [0, 1, 2].flatMap((a) => [0, 1].flatMap((b) => [0, 1, 2, 3].map((c) => ({ a, b, c }))));

  function regionsOf<T>(
    ask: (placeOf: (name: string) => number) => T,
    within?: (diagrams: Diagrams) => Region,
  ) {
    const diagrams = createDiagrams(Object.values(SIZES));
    const known: Known = new Map();
    const placeOf = (name: string) => {
      const place = known.get(name);
      if (place === undefined) throw new Unknown(name);
      return place;
    };
    const splits = {
      sizeOf: (name: string) => SIZES[name] as number,
      narrow: (region: Region, name: string, place: number) =>
        diagrams.as(region, NAMES.indexOf(name), place),
      join: (name: string, branches: readonly Region[]) => diagrams.choose(NAMES.indexOf(name), branches),
    };
    const found = findRegions(splits, known, () => ask(placeOf), within?.(diagrams));
    expect(known.size).toBe(0);
    return { diagrams, found };
  }

  it('is answered everywhere, whatever it reads first', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(NAMES), fc.nat(5), (names, n) => {
        const question = (placeOf: (name: string) => number) =>
          names.reduce((sum, name) => (sum > n ? sum : sum * 2 + placeOf(name)), 0);
        const { diagrams, found } = regionsOf(question);
        const { count } = createMeasures(diagrams, Object.values(SIZES));
        for (const answer of new Set(POINTS.map((point) => question((name) => point[name as 'a'])))) {
          const points = POINTS.filter((point) => question((name) => point[name as 'a']) === answer);
          expect(count(found.get(answer) ?? NONE)).toBe(BigInt(points.length));
        }
        expect([...found.values()].reduce((sum, region) => diagrams.either(sum, region), NONE)).toBe(ALL);
      }),
    );
  });

  it('is not asked where it does not matter', () => {
    let asked = 0;
    const { found } = regionsOf(
      (placeOf) => {
        asked++;
        return placeOf('a') === 1 ? placeOf('c') : -1;
      },
      ({ choose }) => choose(0, [ALL, NONE, NONE]),
    );
    expect([...found.keys()]).toEqual([-1]);
    expect(asked).toBe(2);
  });

  it('keeps what else it throws', () => {
    const broken = () => {
      throw new RangeError('no');
    };
    expect(() => regionsOf(broken)).toThrow(RangeError);
  });
});
