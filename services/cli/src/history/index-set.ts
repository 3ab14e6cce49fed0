/** From, and to, of which both belong to it. */
export type IndexRange = readonly [from: number, to: number];

/** Bits of a word. */
const WORD = 32;
const LEAST_WORDS = 1024;
const FULL = 0xffff_ffff;

/**
 * A set of entries that were read: one bit for each, so that a log that names them in the worst order costs no more than another. It grows
 * to the largest index that it was given: nothing belongs in it that somebody only names.
 */
export function createIndexSet(known: readonly IndexRange[] = []) {
  let words = new Uint32Array(LEAST_WORDS);
  let count = 0;
  const has = (index: number): boolean =>
    (((words[Math.floor(index / WORD)] ?? 0) >>> (index % WORD)) & 1) === 1;
  const flip = (index: number): void => {
    const at = Math.floor(index / WORD);
    words[at] = (words[at] ?? 0) ^ (1 << (index % WORD));
  };
  const add = (index: number): void => {
    if (has(index)) return;
    if (index >= words.length * WORD) {
      const more = new Uint32Array(Math.max(words.length * 2, Math.ceil((index + 1) / WORD)));
      more.set(words);
      words = more;
    }
    flip(index);
    count += 1;
  };
  const ranges = (): IndexRange[] => {
    const found: [number, number][] = [];
    const put = (from: number, to: number) => {
      const last = found.at(-1);
      if (last && last[1] === from - 1) last[1] = to;
      else found.push([from, to]);
    };
    for (const [at, word] of words.entries()) {
      if (word === 0) continue;
      const first = at * WORD;
      if (word === FULL) put(first, first + WORD - 1);
      else for (let bit = 0; bit < WORD; bit++) if ((word >>> bit) & 1) put(first + bit, first + bit);
    }
    return found;
  };
  for (const [from, to] of known) for (let index = from; index <= to; index++) add(index);
  return {
    add,
    /** @returns whether it was there */
    remove: (index: number): boolean => {
      if (!has(index)) return false;
      flip(index);
      count -= 1;
      return true;
    },
    isEmpty: (): boolean => count === 0,
    /** Rising, apart from each other: a log that forgets whole months has few of them, whatever its size. */
    ranges,
    *indices(): Generator<number> {
      for (const [from, to] of ranges()) for (let index = from; index <= to; index++) yield index;
    },
  };
}

export type IndexSet = ReturnType<typeof createIndexSet>;
