import { ALL, type Diagrams, NONE, type Node, type Region } from './diagrams.js';

/** Of each choice, by its number, the place of a value. */
export type Places = readonly number[];

export interface Measures {
  /** How many requests there are. */
  readonly all: bigint;
  readonly count: (region: Region) => bigint;
  /** The request with the fewest values that are not the first of theirs. Null: the region is empty. */
  readonly simplest: (region: Region) => Places | null;
  /** A request of a region that is not empty, each as likely as any other. */
  readonly draw: (region: Region, random: () => number) => Places;
}

/** @param sizes how many values each choice has that counts */
export function createMeasures({ nodeOf }: Diagrams, sizes: readonly number[]): Measures {
  // Requests that differ in the choices from the first of these to the one before the last.
  const between = (first: number, last: number) =>
    sizes.slice(first, last).reduce((product, size) => product * BigInt(size), 1n);
  const shareOf = (choice: number, branch: Region): bigint =>
    countBelow(branch) * between(choice + 1, nodeOf(branch).choice);
  const countBelow = remembered<bigint>(0n, 1n, (region) => {
    const { choice, branches } = nodeOf(region);
    return branches.reduce((sum, branch) => sum + shareOf(choice, branch), 0n);
  });
  const costsOf = ({ branches }: Node) =>
    branches.map((branch, place) => (place === 0 ? 0 : ODDITY + place) + costBelow(branch));
  const costBelow: (region: Region) => number = remembered(Number.POSITIVE_INFINITY, 0, (region) =>
    Math.min(...costsOf(nodeOf(region))),
  );

  function walk(region: Region, pick: (node: Node) => number): (number | undefined)[] {
    const places: (number | undefined)[] = sizes.map(() => undefined);
    for (let at = region; at !== ALL; ) {
      const node = nodeOf(at);
      const place = pick(node);
      places[node.choice] = place;
      at = node.branches[place] as Region;
    }
    return places;
  }

  const cheapest = (node: Node) => {
    const costs = costsOf(node);
    return costs.indexOf(Math.min(...costs));
  };

  const likely = ({ choice, branches }: Node, random: () => number) => {
    const shares = branches.map((branch) => Number(shareOf(choice, branch)));
    let rest = random() * shares.reduce((sum, share) => sum + share, 0);
    const place = shares.findIndex((share) => {
      rest -= share;
      return share > 0 && rest < 0;
    });
    return place < 0 ? shares.findLastIndex((share) => share > 0) : place;
  };

  return {
    all: between(0, sizes.length),
    count: (region) => countBelow(region) * between(0, nodeOf(region).choice),
    simplest: (region) => (region === NONE ? null : walk(region, cheapest).map((place) => place ?? 0)),
    draw: (region, random) =>
      walk(region, (node) => likely(node, random)).map(
        (place, choice) => place ?? Math.floor(random() * (sizes[choice] as number)),
      ),
  };
}

/** What one value that is not usual costs; that it stands late in its list costs less. */
const ODDITY = 1000;

function remembered<T>(none: T, all: T, work: (region: Region) => T): (region: Region) => T {
  const found = new Map<Region, T>([
    [NONE, none],
    [ALL, all],
  ]);
  return (region) => {
    const known = found.get(region) ?? work(region);
    found.set(region, known);
    return known;
  };
}
