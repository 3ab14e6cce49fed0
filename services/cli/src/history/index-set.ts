/** From, and to, of which both belong to it. */
export type IndexRange = readonly [from: number, to: number];

/**
 * A set of entries, kept as ranges: a log that forgets whole months has few of them, whatever its size.
 * @param known rising, apart from each other
 */
export function createIndexSet(known: readonly IndexRange[] = []) {
  const ranges = known.map(([from, to]): [number, number] => [from, to]);
  /** The first range that ends at this index or after it. */
  const at = (index: number): number => {
    let [low, high] = [0, ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle]?.[1] ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    add: (index: number): void => {
      const place = at(index);
      const [before, after] = [ranges[place - 1], ranges[place]];
      if (after && after[0] <= index) return;
      const joinsBefore = before?.[1] === index - 1;
      const joinsAfter = after?.[0] === index + 1;
      if (before && joinsBefore) before[1] = after && joinsAfter ? after[1] : index;
      else if (after && joinsAfter) after[0] = index;
      else ranges.splice(place, 0, [index, index]);
      if (joinsBefore && joinsAfter) ranges.splice(place, 1);
    },
    /** @returns whether it was there */
    remove: (index: number): boolean => {
      const place = at(index);
      const range = ranges[place];
      if (!range || range[0] > index) return false;
      const [from, to] = range;
      const parts: [number, number][] = [];
      if (from < index) parts.push([from, index - 1]);
      if (to > index) parts.push([index + 1, to]);
      ranges.splice(place, 1, ...parts);
      return true;
    },
    isEmpty: (): boolean => ranges.length === 0,
    ranges: (): IndexRange[] => ranges.map(([from, to]) => [from, to] as const),
    *indices(): Generator<number> {
      for (const [from, to] of ranges) for (let index = from; index <= to; index++) yield index;
    },
  };
}

export type IndexSet = ReturnType<typeof createIndexSet>;
