/** Characters of keys; what was asked for since as many came in is kept. */
const MOST = 2_000_000;

/**
 * `make`, asked once for each key. What is made is kept: nations share most of what their packs consist of, and the engine takes
 * milliseconds over each part. But foreign agencies choose the keys, so what was not asked for again is let go. What throws is not kept.
 */
export function remembering<T>(make: (key: string) => T, most = MOST): (key: string) => T {
  let [young, old] = [new Map<string, T>(), new Map<string, T>()];
  let size = 0;
  return (key) => {
    const known = young.get(key);
    if (known !== undefined) return known;
    const value = old.get(key) ?? make(key);
    size += key.length;
    if (size > most) [young, old, size] = [new Map(), young, key.length];
    young.set(key, value);
    return value;
  };
}
