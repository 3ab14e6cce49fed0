import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL, createDiagrams, type Diagrams, NONE, type Region } from './diagrams.js';
import { createMeasures } from './measure-region.js';
import { seeded } from './seeded.js';

// Small enough to be counted one by one.
const SIZES = [2, 3, 2, 4];
const POINTS = SIZES.reduce<number[][]>(
  (points, size) => points.flatMap((point) => Array.from({ length: size }, (_, place) => [...point, place])),
  [[]],
);
type Holds = (point: readonly number[]) => boolean;
const table = fc.array(fc.boolean(), { minLength: POINTS.length, maxLength: POINTS.length });
const holdsOf =
  (bits: readonly boolean[]): Holds =>
  (point) =>
    bits[numberOf(point)] as boolean;
const numberOf = (point: readonly number[]) =>
  point.reduce((number, place, choice) => number * (SIZES[choice] as number) + place, 0);

/** Asks for the choices in any order, as a question does. */
function regionOf(diagrams: Diagrams, holds: Holds, order: readonly number[], known: number[] = []): Region {
  const [choice, ...rest] = order;
  if (choice === undefined) return holds(known) ? ALL : NONE;
  const branches = Array.from({ length: SIZES[choice] as number }, (_, place) => {
    const next = [...known];
    next[choice] = place;
    return regionOf(diagrams, holds, rest, next);
  });
  return diagrams.choose(choice, branches);
}

function isIn({ nodeOf }: Diagrams, region: Region, point: readonly number[]): boolean {
  if (region === ALL || region === NONE) return region === ALL;
  const { choice, branches } = nodeOf(region);
  return isIn({ nodeOf } as Diagrams, branches[point[choice] as number] as Region, point);
}

const order = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
const odds = (point: readonly number[]) => point.filter((place) => place !== 0).length;

describe('a region', () => {
  it('is the same number however it was come to, and holds the same requests', () => {
    fc.assert(
      fc.property(table, order, (bits, one) => {
        const diagrams = createDiagrams(SIZES);
        const region = regionOf(diagrams, holdsOf(bits), one);
        expect(regionOf(diagrams, holdsOf(bits), [0, 1, 2, 3])).toBe(region);
        for (const point of POINTS) expect(isIn(diagrams, region, point)).toBe(holdsOf(bits)(point));
      }),
    );
  });

  it('and another: in both, in either, not in it', () => {
    fc.assert(
      fc.property(table, table, (first, second) => {
        const diagrams = createDiagrams(SIZES);
        const [a, b] = [first, second].map((bits) => regionOf(diagrams, holdsOf(bits), [0, 1, 2, 3])) as [
          Region,
          Region,
        ];
        const { both, either, not } = diagrams;
        for (const point of POINTS) {
          const [inA, inB] = [holdsOf(first)(point), holdsOf(second)(point)];
          expect(isIn(diagrams, both(a, b), point)).toBe(inA && inB);
          expect(isIn(diagrams, either(a, b), point)).toBe(inA || inB);
          expect(isIn(diagrams, not(a), point)).toBe(!inA);
        }
        expect(both(a, not(a))).toBe(NONE);
        expect(either(a, not(a))).toBe(ALL);
      }),
    );
  });

  it('as if another value were chosen', () => {
    fc.assert(
      fc.property(table, fc.nat(3), fc.nat(3), (bits, choice, n) => {
        const diagrams = createDiagrams(SIZES);
        const place = n % (SIZES[choice] as number);
        const region = diagrams.as(regionOf(diagrams, holdsOf(bits), [0, 1, 2, 3]), choice, place);
        for (const point of POINTS)
          expect(isIn(diagrams, region, point)).toBe(
            holdsOf(bits)(point.map((own, index) => (index === choice ? place : own))),
          );
      }),
    );
  });

  it('is counted, its simplest request found, and others drawn from all over it', () => {
    fc.assert(
      fc.property(table, (bits) => {
        const diagrams = createDiagrams(SIZES);
        const region = regionOf(diagrams, holdsOf(bits), [0, 1, 2, 3]);
        const inside = POINTS.filter(holdsOf(bits));
        const { all, count, simplest, draw } = createMeasures(diagrams, SIZES);
        expect(all).toBe(BigInt(POINTS.length));
        expect(count(region)).toBe(BigInt(inside.length));
        const found = simplest(region);
        if (!found) return expect(inside).toEqual([]);
        expect(holdsOf(bits)(found)).toBe(true);
        expect(odds(found)).toBe(Math.min(...inside.map(odds)));
        const random = seeded(1);
        for (let i = 0; i < 10; i++) expect(holdsOf(bits)(draw(region, random))).toBe(true);
      }),
    );
  });

  it('is drawn from evenly', () => {
    const diagrams = createDiagrams(SIZES);
    const few = regionOf(diagrams, (point) => point[0] === 0 || point[3] === 3, [0, 1, 2, 3]);
    const { draw } = createMeasures(diagrams, SIZES);
    const random = seeded(2);
    const drawn = Array.from({ length: 3000 }, () => numberOf(draw(few, random)));
    const counts = [...new Set(drawn)].map((number) => drawn.filter((one) => one === number).length);
    expect(counts).toHaveLength(30);
    expect(Math.min(...counts)).toBeGreaterThan(60);
    expect(Math.max(...counts)).toBeLessThan(150);
  });

  it('is not counted by a choice that was added', () => {
    const diagrams = createDiagrams(SIZES);
    const added = diagrams.add(2);
    const region = diagrams.choose(added, [diagrams.choose(0, [ALL, NONE]), diagrams.choose(0, [NONE, ALL])]);
    expect(diagrams.as(region, added, 0)).toBe(diagrams.choose(0, [ALL, NONE]));
    expect(createMeasures(diagrams, SIZES).count(diagrams.as(region, added, 1))).toBe(24n);
  });
});
