/** A set of requests. Equal sets have the same number. */
export type Region = number;
export const NONE: Region = 0;
export const ALL: Region = 1;

export interface Node {
  /** The number of the choice that it asks for; past all of them at the two ends. */
  readonly choice: number;
  /** What remains for each of its values. */
  readonly branches: readonly Region[];
}

/**
 * Sets of requests as ordered decision diagrams (R. E. Bryant, Graph-Based Algorithms for Boolean Function Manipulation, 1986),
 * with as many branches at a node as the choice has values. A node asks for the first choice that its set depends on; equal
 * remains are one node, so that what many requests share is worked out once.
 * INVARIANT: no branch asks for what a node above it has asked for, nor for what comes before that.
 */
export interface Diagrams {
  readonly nodeOf: (region: Region) => Node;
  /** Everything of `branches[place]` for which the choice has the value at that place. */
  readonly choose: (choice: number, branches: readonly Region[]) => Region;
  readonly both: (one: Region, other: Region) => Region;
  readonly either: (one: Region, other: Region) => Region;
  readonly not: (region: Region) => Region;
  /** The requests that would be in the region if they had that value instead of theirs. */
  readonly as: (region: Region, choice: number, place: number) => Region;
  /** One more choice, asked after all others. */
  readonly add: (size: number) => number;
}

export function createDiagrams(given: readonly number[]): Diagrams {
  const sizes = [...given];
  const { nodeOf, branchOf, make } = createNodes();
  const joined = new Map<number, Region>();
  const opposites = new Map<Region, Region>([
    [NONE, ALL],
    [ALL, NONE],
  ]);

  function choose(choice: number, branches: readonly Region[], known = new Map<string, Region>()): Region {
    const top = branches.reduce((least, branch) => Math.min(least, nodeOf(branch).choice), choice);
    if (top === choice)
      return make(
        choice,
        branches.map((branch, place) => branchOf(branch, choice, place)),
      );
    // What one of the branches asks first has to be asked before this choice.
    const key = branches.join(' ');
    const found =
      known.get(key) ??
      make(
        top,
        Array.from({ length: sizes[top] as number }, (_, place) =>
          choose(
            choice,
            branches.map((branch) => branchOf(branch, top, place)),
            known,
          ),
        ),
      );
    known.set(key, found);
    return found;
  }

  function both(one: Region, other: Region): Region {
    if (one === other || other === ALL) return one;
    if (one === ALL) return other;
    if (one === NONE || other === NONE) return NONE;
    const key = Math.min(one, other) * PAIR + Math.max(one, other);
    const known = joined.get(key);
    if (known !== undefined) return known;
    const [a, b] = [nodeOf(one), nodeOf(other)];
    const { choice, branches } = a.choice <= b.choice ? a : b;
    const found = make(
      choice,
      branches.map((_, place) => both(branchOf(one, choice, place), branchOf(other, choice, place))),
    );
    joined.set(key, found);
    return found;
  }

  function not(region: Region): Region {
    const known = opposites.get(region);
    if (known !== undefined) return known;
    const { choice, branches } = nodeOf(region);
    const found = make(choice, branches.map(not));
    opposites.set(region, found);
    opposites.set(found, region);
    return found;
  }

  function as(region: Region, choice: number, place: number, known = new Map<Region, Region>()): Region {
    const node = nodeOf(region);
    if (node.choice > choice) return region;
    if (node.choice === choice) return node.branches[place] as Region;
    const found =
      known.get(region) ??
      make(
        node.choice,
        node.branches.map((branch) => as(branch, choice, place, known)),
      );
    known.set(region, found);
    return found;
  }

  return {
    nodeOf,
    choose: (choice, branches) => choose(choice, branches),
    both,
    either: (one, other) => not(both(not(one), not(other))),
    not,
    as: (region, choice, place) => as(region, choice, place),
    add: (size) => sizes.push(size) - 1,
  };
}

/** More nodes than fit into memory, so that two numbers of nodes are one number. */
const PAIR = 2 ** 26;

function createNodes() {
  const END: Node = { choice: Number.MAX_SAFE_INTEGER, branches: [] };
  const nodes: Node[] = [END, END];
  const numbers = new Map<string, Region>();
  const nodeOf = (region: Region) => nodes[region] as Node;
  return {
    nodeOf,
    branchOf: (region: Region, choice: number, place: number): Region => {
      const node = nodeOf(region);
      return node.choice === choice ? (node.branches[place] as Region) : region;
    },
    make: (choice: number, branches: readonly Region[]): Region => {
      const first = branches[0] as Region;
      if (branches.every((branch) => branch === first)) return first;
      const key = `${choice} ${branches.join(' ')}`;
      const known = numbers.get(key);
      if (known !== undefined) return known;
      numbers.set(key, nodes.length);
      return nodes.push({ choice, branches }) - 1;
    },
  };
}
