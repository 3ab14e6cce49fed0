import { ALL, NONE, type Region } from './diagrams.js';
import { Unknown } from './open-choices.js';

/** What a question may wait for, by name, and how the regions of its answers are joined. */
export interface Splits {
  readonly sizeOf: (name: string) => number;
  /** The part of a region that has that value, as if it were not asked for any more. */
  readonly narrow: (region: Region, name: string, place: number) => Region;
  readonly join: (name: string, branches: readonly Region[]) => Region;
}

/** What is known of a request while it is asked about. */
export type Known = Map<string, number>;

/**
 * Where a question has which answer. It is asked of a request of which nothing is known, and again with each value of whatever it
 * reads first, until it has all that it reads: nobody has to declare on what an answer depends.
 * @param within where it matters; elsewhere there may be no answer
 */
export function findRegions<Answer>(
  splits: Splits,
  known: Known,
  ask: () => Answer,
  within = ALL,
): Map<Answer, Region> {
  if (within === NONE) return new Map();
  const answer = answerOr(ask);
  if (!(answer instanceof Unknown)) return new Map([[answer, ALL]]);
  const { name } = answer;
  const branches = Array.from({ length: splits.sizeOf(name) }, (_, place) => {
    known.set(name, place);
    return findRegions(splits, known, ask, splits.narrow(within, name, place));
  });
  known.delete(name);
  const regionOf = (one: Answer) =>
    splits.join(
      name,
      branches.map((branch) => branch.get(one) ?? NONE),
    );
  const answers = new Set(branches.flatMap((branch) => [...branch.keys()]));
  return new Map([...answers].map((one) => [one, regionOf(one)]));
}

function answerOr<T>(ask: () => T): T | Unknown {
  try {
    return ask();
  } catch (open) {
    if (open instanceof Unknown) return open;
    throw open;
  }
}
