import type { Crossing } from '../crossing.js';
import type { Pack } from '../pack.js';
import type { Verdict } from '../verdict.js';
import { crossingOf } from './crossing-of.js';
import { decideRegions } from './decide-regions.js';
import { createDiagrams, type Diagrams, NONE, type Region } from './diagrams.js';
import type { Choices } from './dimensions.js';
import { findRegions, type Known, type Splits } from './find-regions.js';
import { createMeasures, type Measures, type Places } from './measure-region.js';
import { choicesAt, openChoices, type PlaceOf, placesFor, Unknown, variablesOf } from './open-choices.js';
import type { Space } from './space-of.js';

export type Outcome = Pick<Verdict, 'decision' | 'awaits'>;
/** What the same request gets with other choices. */
export type AsOther = (changes: Partial<Choices>) => Outcome;

/** All requests of a day, parted by what the pack decides about them. */
export interface DayRegions {
  readonly day: string;
  readonly outcomes: readonly { readonly outcome: Outcome; readonly region: Region }[];
  readonly regionOf: (decision: Outcome['decision']) => Region;
  /** The part of a region where a question about a crossing is answered with no. */
  readonly whereNot: (holds: (crossing: Crossing, asOther: AsOther) => boolean, within: Region) => Region;
  readonly choicesOf: (places: Places) => Choices;
  readonly diagrams: Diagrams;
  readonly measures: Measures;
}

export function partDay(pack: Pack, space: Space, day: string): DayRegions {
  const { sets } = space;
  const dimensions = space.dimensionsOn(day);
  const variables = variablesOf(dimensions, sets);
  const sizes = variables.map(({ size }) => size);
  const diagrams = createDiagrams(sizes);
  const numbers = new Map(variables.map(({ name }, number) => [name, number]));
  const numberOf = (name: string) => numbers.get(name) ?? noSuch(name);

  const known: Known = new Map();
  const placeOf: PlaceOf = (name) => {
    const place = known.get(name);
    if (place === undefined) throw new Unknown(name);
    return place;
  };
  const crossing = crossingOf(pack, day, openChoices(dimensions, sets, placeOf));
  const splits: Splits = {
    sizeOf: (name) => sizes[numberOf(name)] as number,
    narrow: (region, name, place) => diagrams.as(region, numberOf(name), place),
    join: (name, branches) => diagrams.choose(numberOf(name), branches),
  };
  const outcomes = decideRegions(pack, crossing, diagrams, (question, within) =>
    findRegions(splits, known, question, within),
  );
  const others = createOthers(diagrams, outcomes, splits, (changes) =>
    placesFor(dimensions, sets, changes).map(([name, place]) => [numberOf(name), place] as const),
  );
  return {
    day,
    diagrams,
    measures: createMeasures(diagrams, sizes),
    outcomes,
    regionOf: (decision) =>
      outcomes
        .filter(({ outcome }) => outcome.decision === decision)
        .reduce((sum, { region }) => diagrams.either(sum, region), NONE),
    whereNot: (holds, within) => {
      const asOther: AsOther = (changes) => outcomes[placeOf(others.nameOf(changes))]?.outcome as Outcome;
      const found = findRegions(others.splits, known, () => holds(crossing, asOther));
      return diagrams.both(within, others.settle(found.get(false) ?? NONE));
    },
    choicesOf: (places) => choicesAt(dimensions, sets, (name) => places[numberOf(name)] as number),
  };
}

function noSuch(name: string): never {
  throw new Error(`no choice is called "${name}"`);
}

/**
 * What another request gets is first taken for one more choice, so that a question that compares two requests stays small; at the end
 * each of its values is replaced by the requests of which it is so.
 */
function createOthers(
  { add, as, both, choose, either }: Diagrams,
  outcomes: DayRegions['outcomes'],
  splits: Splits,
  placesFor: (changes: Parameters<AsOther>[0]) => (readonly [choice: number, place: number])[],
) {
  const others = new Map<string, { readonly choice: number; readonly regions: readonly Region[] }>();
  return {
    nameOf: (changes: Parameters<AsOther>[0]): string => {
      const name = JSON.stringify(changes);
      if (others.has(name)) return name;
      const places = placesFor(changes);
      const regions = outcomes.map(({ region }) =>
        places.reduce((before, [choice, place]) => as(before, choice, place), region),
      );
      others.set(name, { choice: add(outcomes.length), regions });
      return name;
    },
    splits: {
      sizeOf: (name: string) => (others.has(name) ? outcomes.length : splits.sizeOf(name)),
      narrow: (region: Region, name: string, place: number) =>
        others.has(name) ? region : splits.narrow(region, name, place),
      join: (name: string, branches: readonly Region[]) => {
        const other = others.get(name);
        return other ? choose(other.choice, branches) : splits.join(name, branches);
      },
    },
    settle: (region: Region): Region =>
      [...others.values()].reduce(
        (open, { choice, regions }) =>
          regions.reduce((sum, one, place) => either(sum, both(one, as(open, choice, place))), NONE),
        region,
      ),
  };
}
