/** Durations in buckets that are each a twelfth wider than the last: quantiles to within 9 %, in a fixed amount of memory. */
export interface Histogram {
  readonly add: (ms: number) => void;
  readonly summary: () => Durations;
}

export interface Durations {
  readonly count: number;
  /** Milliseconds; null where there is none. */
  readonly median: number | null;
  readonly p95: number | null;
  readonly longest: number | null;
}

const STEPS_PER_DOUBLING = 8;
/** 2^40 ms are 34 years. */
const BUCKETS = 40 * STEPS_PER_DOUBLING + 1;

export function createHistogram(): Histogram {
  const buckets = new Uint32Array(BUCKETS);
  let count = 0;
  let longest = 0;
  const quantile = (share: number): number | null => {
    let left = Math.ceil(count * share);
    if (left === 0) return null;
    const at = buckets.findIndex((held) => {
      left -= held;
      return left <= 0;
    });
    // The middle of a bucket may lie above all that is in it.
    return Math.min(middleOf(at), longest);
  };
  return {
    add: (ms) => {
      // Two ledgers' clocks differ: what seems to arrive before it left took no time.
      const at = bucketOf(ms);
      buckets[Math.min(at, BUCKETS - 1)] = (buckets[Math.min(at, BUCKETS - 1)] ?? 0) + 1;
      count += 1;
      longest = Math.max(longest, ms);
    },
    summary: () => ({
      ...{ count, median: quantile(0.5), p95: quantile(0.95) },
      longest: count === 0 ? null : longest,
    }),
  };
}

/** What a histogram tells of a time, where the time is that of one. */
export function roundDuration(ms: number): number {
  return middleOf(bucketOf(ms));
}

function bucketOf(ms: number): number {
  return Math.round(Math.log2(Math.max(1, ms)) * STEPS_PER_DOUBLING);
}

function middleOf(bucket: number): number {
  return Math.round(2 ** (bucket / STEPS_PER_DOUBLING));
}
