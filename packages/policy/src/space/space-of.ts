import type { Crossing } from '../crossing.js';
import type { Pack } from '../pack.js';
import type { CompetenceRow } from '../table-shapes.js';
import { crossingOf } from './crossing-of.js';
import { daysOf, inForceOn, latestStart } from './day-parts.js';
import { type Choices, createDimensions, type Dimensions, type Sets, setsOf } from './dimensions.js';
import { readLiterals } from './read-literals.js';
import { seeded } from './seeded.js';
import { NAMED } from './statements.js';

/** A request by its choices: what `Space.crossing` makes a crossing of, and what a counterexample is reduced in. */
export interface Point {
  readonly day: string;
  readonly choices: Choices;
}

/** All requests that the pack can tell apart. Nothing is built before it is asked for. */
export interface Space {
  readonly size: bigint;
  readonly days: readonly string[];
  /** The first on which all rows that have not ended are in force. */
  readonly usualDay: string;
  readonly dimensionsOn: (day: string) => Dimensions;
  /** Days that are alike share it. */
  readonly inForceOn: (day: string) => string;
  /** For who takes every set of words, and not only small ones. */
  readonly sets: Sets;
  readonly sizeOn: (day: string) => bigint;
  /** Each request has a number below `size`, so that a run can be split. */
  readonly at: (index: bigint) => Point;
  /**
   * The `index`-th of a series that is the same in every run: goes through each category, action and pair of roles in
   * turn, and takes a default for most of the rest, as a request with ten oddities is only ever refused.
   */
  readonly sample: (index: number, seed?: number, only?: Partial<Choices>) => Point;
  readonly crossing: (point: Point) => Crossing;
}

export function spaceOf(pack: Pack): Space {
  const literals = readLiterals(pack, NAMED);
  const days = daysOf(pack, literals);
  const usualDay = latestStart(pack);
  const dimensionsOf = createDimensions(pack, literals);
  const known = new Map<string, Dimensions>();
  const dimensionsOn = (day: string) => {
    const dimensions = known.get(day) ?? dimensionsOf(day);
    known.set(day, dimensions);
    return dimensions;
  };
  const sizes = days.map((day) => sizeOf(dimensionsOn(day)));
  return {
    size: sizes.reduce((sum, size) => sum + size, 0n),
    days,
    usualDay,
    dimensionsOn,
    inForceOn: (day) => inForceOn(pack, literals, day),
    sets: setsOf(pack, literals),
    sizeOn: (day) => sizeOf(dimensionsOn(day)),
    at: (index) => at(days, sizes, dimensionsOn, index),
    sample: (index, seed = 1, only = {}) => sample({ pack, days, usualDay, dimensionsOn }, index, seed, only),
    crossing: ({ day, choices }) => crossingOf(pack, day, choices),
  };
}

type Parts = Pick<Space, 'days' | 'usualDay' | 'dimensionsOn'> & { readonly pack: Pack };

function sizeOf(dimensions: Dimensions): bigint {
  return Object.values(dimensions).reduce((product, values) => product * BigInt(values.length), 1n);
}

/** Mixed radix: the day first, then each dimension is a digit. */
function at(
  days: readonly string[],
  sizes: readonly bigint[],
  dimensionsOn: Space['dimensionsOn'],
  index: bigint,
): Point {
  let rest = index;
  const part = sizes.findIndex((size) => {
    if (rest < size) return true;
    rest -= size;
    return false;
  });
  const day = days[part];
  if (day === undefined || index < 0n) throw new RangeError(`the space has no request number ${index}`);
  const choices = Object.entries(dimensionsOn(day)).map(([name, values]) => {
    const base = BigInt(values.length);
    const digit = Number(rest % base);
    rest /= base;
    return [name, values[digit]];
  });
  return { day, choices: Object.fromEntries(choices) as Choices };
}

function sample(
  { pack, days, usualDay, dimensionsOn }: Parts,
  index: number,
  seed: number,
  only: Partial<Choices>,
): Point {
  const random = seeded(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  // There are many more pairs of data classes than single ones; take about as many of each.
  const shorter = <T>(list: readonly T[]) =>
    random() < 0.5 ? list.slice(0, Math.ceil(Math.sqrt(2 * list.length))) : list;
  const day = random() < 0.5 ? pick(days) : usualDay;
  const { category, action, roles, ...others } = dimensionsOn(day);
  const stratum = scatter(index, category.length * action.length * roles.length);
  const choices = {
    category: category[stratum % category.length],
    action: action[Math.floor(stratum / category.length) % action.length],
    roles: roles[Math.floor(stratum / category.length / action.length) % roles.length],
    ...Object.fromEntries(
      Object.entries(others).map(([name, values]: [string, readonly unknown[]]) => [
        name,
        random() < (OFTEN[name] ?? SELDOM)
          ? pick(name === 'dataClasses' ? shorter(values) : values)
          : values[0],
      ]),
    ),
  } as Choices;
  const row = random() < EMPOWERED ? pick(empowering(pack, choices.nations[0])) : undefined;
  return { day, choices: { ...choices, ...(row ? empower(pack.nation, row, choices, pick) : {}), ...only } };
}

function empowering({ tables }: Pack, nation: string): readonly CompetenceRow[] {
  return tables.competence.filter((row) => row.nation === nation);
}

/** What is taken at random is hardly ever what a law empowers somebody to order. */
function empower(
  home: string,
  row: CompetenceRow,
  choices: Choices,
  pick: <T>(list: readonly T[]) => T,
): Partial<Choices> {
  return {
    category: pick(row.categories),
    action: pick(row.actions),
    demand: { force: 'order', instrument: row.instrument },
    roles: [row.role, choices.roles[1]],
    nations: pick([choices.nations, [choices.nations[0], home]]),
    dataSought: row.data.slice(0, 1),
  };
}

/** How often something else than the default is taken. */
const OFTEN: Readonly<Record<string, number>> = { demand: 0.6, nations: 1, dataClasses: 0.9 };
const SELDOM = 0.12;
const EMPOWERED = 0.3;

/** Every number below `size` once before any comes again, in an order that a short series is spread over all by. */
function scatter(index: number, size: number): number {
  let step = Math.max(1, Math.floor(size * 0.618));
  while (gcd(step, size) !== 1) step++;
  return Number((BigInt(index) * BigInt(step)) % BigInt(size));
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
