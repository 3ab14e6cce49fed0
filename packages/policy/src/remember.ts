/**
 * `make`, asked once for each key. What is made is kept for as long as the process lives: nations share most of what their packs
 * consist of, and the engine takes milliseconds over each part. What throws is not kept.
 */
export function remembering<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}
