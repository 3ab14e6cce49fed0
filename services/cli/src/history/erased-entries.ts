/** Where an entry would stand, if it is one of these: entries of this event, of then. */
export interface Place {
  readonly event: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Missing {
  readonly places: readonly Place[];
}

export interface Explained<T> {
  /** There is an erased entry for each of them that can have been it, and each time another one. */
  readonly explained: readonly T[];
  readonly short: readonly Shortage<T>[];
}

/** More that are missing than erased entries that can have been one of them. */
export interface Shortage<T> {
  readonly missing: readonly T[];
  /** Of them at most so many can have been erased, whichever. */
  readonly atMost: number;
}

/**
 * The erased entries of a log. Of each only the leaf remains, which names no message, but an event and a time: it can have been any
 * one entry of that kind and time, and no more than one. So as many as possible of what is missing are given an erased entry each
 * (a largest matching, by augmenting paths); where one finds none, it and all that compete with it for the same are too many
 * (Hall's theorem), and no other way to share them out leaves fewer.
 * @param erasedMs the times of the erased entries, by event
 */
export function createErasedEntries<T extends Missing>(erasedMs: ReadonlyMap<string, readonly number[]>) {
  const blocks = new Map<string, Block>();
  let size = 0;
  for (const [event, times] of erasedMs) {
    blocks.set(event, { start: size, ages: Float64Array.from(times, (timeMs) => -timeMs).sort() });
    size += times.length;
  }
  const ownerOf = new Map<number, T>();
  const placeOf = new Map<T, number>();
  const free = createSkips(size);
  const unseen = createSkips(size);

  const rangesOf = ({ places }: T): Range[] =>
    places.flatMap(({ event, fromMs, toMs }) => {
      const { start, ages } = blocks.get(event) ?? { start: 0, ages: NONE };
      const [from, to] = [countBefore(ages, -toMs), countBefore(ages, 1 - fromMs)];
      return from < to ? [[start + from, start + to] as const] : [];
    });

  /** Each in turn gets what the one before it had; the first was waiting. */
  const give = (entry: number, to: T, reachedBy: ReadonlyMap<number, T>): void => {
    for (let [at, owner] = [entry, to]; ; ) {
      const had = placeOf.get(owner);
      ownerOf.set(at, owner);
      placeOf.set(owner, at);
      const next = had === undefined ? undefined : reachedBy.get(had);
      if (had === undefined || !next) return;
      [at, owner] = [had, next];
    }
  };

  /** @returns those that are too many with it; none: it has an entry */
  const place = (one: T): readonly T[] => {
    const waiting = [one];
    const reachedBy = new Map<number, T>();
    for (const wants of waiting) {
      const ranges = rangesOf(wants);
      const found = ranges.map(([from, to]) => [free.next(from), to] as const).find(([at, to]) => at < to);
      if (found) {
        free.skip(found[0]);
        free.keep();
        unseen.undo();
        give(found[0], wants, reachedBy);
        return [];
      }
      for (const [from, to] of ranges)
        for (let at = unseen.next(from); at < to; at = unseen.next(at)) {
          unseen.skip(at);
          reachedBy.set(at, wants);
          const owner = ownerOf.get(at);
          if (owner) waiting.push(owner);
        }
    }
    // Nobody who comes later gets one of these either, so they are not looked at again.
    unseen.keep();
    return waiting;
  };

  return {
    /** To be asked once, and first. */
    explain: (missing: readonly T[]): Explained<T> => {
      // What can only be young chooses first, and the youngest: almost all are then shared out without giving any on.
      const tooMany = new Set([...missing].sort((a, b) => startOf(b) - startOf(a)).flatMap(place));
      return {
        explained: missing.filter((one) => placeOf.has(one) && !tooMany.has(one)),
        short: groups(
          missing.filter((one) => tooMany.has(one)),
          rangesOf,
        ).map((group) => ({
          missing: group,
          atMost: group.filter((one) => placeOf.has(one)).length,
        })),
      };
    },
    /** As many more as may have been erased as well, of what need not have been. */
    alsoErased: (more: readonly T[]): readonly T[] => more.filter((one) => place(one).length === 0),
  };
}

interface Block {
  readonly start: number;
  /** The youngest first: their times below zero. */
  readonly ages: Float64Array;
}

function startOf({ places }: Missing): number {
  return places[0]?.fromMs ?? 0;
}

/** Of erased entries: from, and the first that belongs to it no more. */
type Range = readonly [from: number, to: number];

const NONE = new Float64Array();

function countBefore(ages: Float64Array, age: number): number {
  let [low, high] = [0, ages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ages[middle] ?? 0) < age) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Finds the next of many numbers that was not taken out, in nearly constant time (Gabow and Tarjan). */
function createSkips(size: number) {
  const after = Uint32Array.from({ length: size + 1 }, (_, i) => i);
  let written: (readonly [at: number, before: number])[] = [];
  const write = (at: number, value: number): void => {
    written.push([at, after[at] ?? at]);
    after[at] = value;
  };
  return {
    next: (from: number): number => {
      let at = from;
      for (let to = after[at] ?? at; to !== at; to = after[at] ?? at) {
        const beyond = after[to] ?? to;
        if (beyond !== to) write(at, beyond);
        at = beyond;
      }
      return at;
    },
    skip: (at: number): void => write(at, at + 1),
    keep: (): void => {
      written = [];
    },
    undo: (): void => {
      for (const [at, before] of written.reverse()) after[at] = before;
      written = [];
    },
  };
}

/** Those whose entries can be the same, directly or by others between them, are one group. */
function groups<T>(all: readonly T[], rangesOf: (one: T) => Range[]): T[][] {
  const found: T[][] = [];
  const reach = all.map((one) => {
    const ranges = rangesOf(one);
    return {
      one,
      from: Math.min(...ranges.map(([from]) => from)),
      to: Math.max(...ranges.map(([, to]) => to)),
    };
  });
  let end = Number.NEGATIVE_INFINITY;
  for (const { one, from, to } of reach.sort((a, b) => a.from - b.from)) {
    if (from < end) found.at(-1)?.push(one);
    else found.push([one]);
    end = Math.max(end, to);
  }
  return found;
}
