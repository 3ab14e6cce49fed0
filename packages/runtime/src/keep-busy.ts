/** Something that is opened for a name, and needed no more once nothing of it is under way. */
interface Idling {
  readonly isIdle: () => boolean;
}

/**
 * One for each name, from its first use on. Names may be many and may be chosen by others: beyond so many, those that are idle are
 * forgotten, and opened anew when they are needed.
 * @param most how many are kept though they are idle
 */
export function keepBusy<T extends Idling>(open: (name: string) => T, most: number): (name: string) => T {
  const kept = new Map<string, T>();
  return (name) => {
    const known = kept.get(name);
    if (known) return known;
    if (kept.size >= most) for (const [other, one] of kept) if (one.isIdle()) kept.delete(other);
    const made = open(name);
    kept.set(name, made);
    return made;
  };
}
