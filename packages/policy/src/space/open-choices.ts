import type { Choices, Dimensions, SetName, Sets } from './dimensions.js';

/** A choice that is made by itself, with two values or more: one of a list, or whether a word is in a set. */
export interface Variable {
  /** `urgency`, `sender`, `dataClasses 3`. */
  readonly name: string;
  readonly size: number;
}

/** Read where it is not known yet. What was asked cannot be answered before. */
export class Unknown {
  constructor(readonly name: string) {}
}

/** The place of a variable's value. @throws Unknown */
export type PlaceOf = (name: string) => number;

/**
 * From those that most questions read to those of which one rule reads: what the first have in common need not be asked again for each
 * of the others.
 */
const ORDER = [
  'nations',
  'roles',
  'demand',
  'action',
  'category',
  'unheld',
  'dataSought',
  'origin',
  'approvals',
  'clocks',
  'urgency',
  'purpose',
  'legalBasis',
  'dataClasses',
  'subjects',
  'flagger',
  'scope',
  'handling',
  'handlingCode',
  'agreement',
  'criminality',
  'accuracy',
  'reporterConsent',
  'onwardConsent',
  'itemCount',
  'deadlineMs',
  'retentionDays',
] as const satisfies readonly (keyof Choices)[];

export function variablesOf(dimensions: Dimensions, sets: Sets): Variable[] {
  return ORDER.flatMap((name): Variable[] => {
    if (name === 'roles') {
      const size = rolesOf(dimensions).length;
      return ['sender', 'recipient'].map((side) => ({ name: side, size }));
    }
    if (isSet(name)) return sets[name].map((_, index) => ({ name: `${name} ${index}`, size: 2 }));
    return [{ name, size: dimensions[name].length }];
  });
}

/** Choices of which some are made: what is read before it is known throws. */
export function openChoices(dimensions: Dimensions, sets: Sets, placeOf: PlaceOf): Choices {
  const roles = rolesOf(dimensions);
  const pair = {
    get 0() {
      return roles[placeOf('sender')];
    },
    get 1() {
      return roles[placeOf('recipient')];
    },
  };
  const choices = {};
  for (const name of ORDER) {
    const get =
      name === 'roles'
        ? () => pair
        : isSet(name)
          ? () => openList<unknown>(sets[name], (index) => placeOf(`${name} ${index}`) === 1)
          : () => dimensions[name][placeOf(name)];
    Object.defineProperty(choices, name, { enumerable: true, get });
  }
  return choices as Choices;
}

export function choicesAt(dimensions: Dimensions, sets: Sets, placeOf: PlaceOf): Choices {
  const roles = rolesOf(dimensions);
  return Object.fromEntries(
    ORDER.map((name) => {
      if (name === 'roles') return [name, [roles[placeOf('sender')], roles[placeOf('recipient')]]];
      if (isSet(name)) return [name, sets[name].filter((_, index) => placeOf(`${name} ${index}`) === 1)];
      return [name, dimensions[name][placeOf(name)]];
    }),
  ) as unknown as Choices;
}

/** The places that stand for such choices. */
export function placesFor(dimensions: Dimensions, sets: Sets, choices: Partial<Choices>): [string, number][] {
  return Object.entries(choices).flatMap(([name, value]): [string, number][] => {
    if (isSet(name)) {
      const list = value as readonly unknown[];
      return sets[name].map((word, index) => [
        `${name} ${index}`,
        list.some((one) => isSame(one, word)) ? 1 : 0,
      ]);
    }
    if (name === 'roles') {
      const [sender, recipient] = (value as Choices['roles']).map((role) =>
        rolesOf(dimensions).indexOf(role),
      );
      return [
        ['sender', sender as number],
        ['recipient', recipient as number],
      ];
    }
    const place = dimensions[name as keyof Dimensions].findIndex((one) => isSame(one, value));
    if (place < 0) throw new Error(`the space has no ${name} ${JSON.stringify(value)}`);
    return [[name, place]];
  });
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The dimension has each sender's role with each recipient's. */
function rolesOf({ roles }: Dimensions): readonly string[] {
  return roles.slice(0, Math.sqrt(roles.length)).map(([, recipient]) => recipient);
}

const SETS: readonly string[] = [
  'approvals',
  'dataClasses',
  'dataSought',
  'legalBasis',
  'subjects',
] satisfies SetName[];

function isSet(name: string): name is SetName {
  return SETS.includes(name);
}

/**
 * A list of which it is asked word by word whether each is in it; and only where the answer matters, so that "all of them are among
 * these" asks for the others alone. It has no length: who asks for it would ask for every word.
 */
function openList<T>(words: readonly T[], isIn: (index: number) => boolean): readonly T[] {
  const members: Member<T>[] = words.map((word, index) => ({ value: () => word, isIn: () => isIn(index) }));
  return listOf(members);
}

interface Member<T> {
  readonly value: () => T;
  readonly isIn: () => boolean;
}

function listOf<T>(members: readonly Member<T>[]): readonly T[] {
  const methods = {
    some: (holds: (value: T) => boolean) => members.some(({ value, isIn }) => holds(value()) && isIn()),
    every: (holds: (value: T) => boolean) => members.every(({ value, isIn }) => holds(value()) || !isIn()),
    includes: (wanted: T) => members.some(({ value, isIn }) => value() === wanted && isIn()),
    map: <U>(change: (value: T) => U) =>
      listOf(members.map(({ value, isIn }) => ({ value: () => change(value()), isIn }))),
    filter: (holds: (value: T) => boolean) =>
      listOf(members.map(({ value, isIn }) => ({ value, isIn: () => isIn() && holds(value()) }))),
  };
  // An array by its prototype, so that who asks whether it is a list hears that it is.
  return new Proxy([], {
    get: (_, name) => methods[name as keyof typeof methods] ?? notOffered(String(name)),
  });
}

function notOffered(name: string): never {
  throw new Error(`a list that is known in part has no "${name}"`);
}
