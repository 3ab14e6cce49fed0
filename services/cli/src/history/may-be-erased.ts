import { LIMITS } from '@entente/contract';

/** So much earlier may an arrival be logged than what it is of, by the clocks of two ledgers. */
export const CLOCKS_DIFFER_MS = 2 * LIMITS.skewMs;

/**
 * How many of what left one nation may have arrived in another and been erased there since. Of what is erased only the leaf remains, which
 * names no message: each may have been one that had left by then.
 * @param leftMs when they left
 * @param erasedMs the times of the erased entries of the other nation
 */
export function mayBeErased(leftMs: readonly number[], erasedMs: readonly number[]): number {
  const times = erasedMs.toSorted((a, b) => a - b);
  let [found, at] = [0, 0];
  for (const timeMs of leftMs.toSorted((a, b) => a - b)) {
    while ((times[at] ?? Number.POSITIVE_INFINITY) < timeMs - CLOCKS_DIFFER_MS) at += 1;
    if (at === times.length) break;
    [found, at] = [found + 1, at + 1];
  }
  return found;
}
