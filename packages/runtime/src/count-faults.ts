/** Messages whose faults are counted at the same time. */
const MOST = 4096;
/** What did not come again in this time has left its queue: it passed elsewhere, or its time was over. */
const GONE_MS = 600_000;

interface Count {
  readonly source: string;
  readonly passedBefore: number;
  faults: number;
  lastMs: number;
  /** It would be set aside, if there were room. */
  isWaiting: boolean;
}

/**
 * Counts how often each message has failed, of so many at the same time.
 *
 * INVARIANT: however many there are, of some of them each fault is counted until they can be set aside, which makes place for others. Who
 * forgot the oldest instead would, of more that come in turn than find place, have forgotten each before it comes again. And a source that
 * fills the place takes none from the others: what is forgotten is of the one that has most.
 */
export function countFaults(now: () => number) {
  // In the order in which they came last.
  const counts = new Map<string, Count>();
  const perSource = new Map<string, number>();
  const change = (source: string, by: number) => {
    const left = (perSource.get(source) ?? 0) + by;
    if (left > 0) perSource.set(source, left);
    else perSource.delete(source);
  };
  const end = (name: string): void => {
    const count = counts.get(name);
    if (count && counts.delete(name)) change(count.source, -1);
  };
  const forgetGone = (): void => {
    for (const [name, { lastMs }] of counts) {
      if (now() - lastMs < GONE_MS) return;
      end(name);
    }
  };
  /** Of the source that has most: what waits for room, then what has failed least; of equals, the newest. */
  const forgetOne = (): void => {
    const [largest] = [...perSource].reduce((most, one) => (one[1] > most[1] ? one : most));
    let least = { name: '', rank: Number.POSITIVE_INFINITY };
    for (const [name, { source, faults, isWaiting }] of counts) {
      const rank = isWaiting ? 0 : faults;
      if (source === largest && rank <= least.rank) least = { name, rank };
    }
    end(least.name);
  };
  return {
    size: (): number => counts.size,
    /** One more fault of it. @param passed so many others, until now */
    add: (name: string, source: string, passed: number): Readonly<Count> => {
      forgetGone();
      const known = counts.get(name);
      const count = known ?? { source, passedBefore: passed, faults: 0, lastMs: 0, isWaiting: false };
      count.faults += 1;
      count.lastMs = now();
      counts.delete(name);
      counts.set(name, count);
      if (!known) change(source, 1);
      if (counts.size > MOST) forgetOne();
      return count;
    },
    /** There is no room to set it aside. */
    waits: (name: string): void => {
      const count = counts.get(name);
      if (count) count.isWaiting = true;
    },
    end,
  };
}
