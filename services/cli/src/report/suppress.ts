/** A count, or null: too small to be told. */
export type Told = number | null;

/** Below this a count may be about somebody who can be found out. */
export const SMALLEST_TOLD = 5;

/**
 * What of one group of counts may be published beside its sum: none that is below 5; and where there is one, the smallest other
 * neither, for without it the sum would say what the small ones add up to.
 */
export function suppressSmall(counts: readonly number[]): Told[] {
  const untold = new Set(counts.flatMap((count, i) => (isSmall(count) ? [i] : [])));
  const others = counts.flatMap((count, i) => (count >= SMALLEST_TOLD ? [{ count, i }] : []));
  const [cover] = others.sort((a, b) => a.count - b.count);
  if (untold.size > 0 && cover) untold.add(cover.i);
  return counts.map((count, i) => (untold.has(i) ? null : count));
}

/** The sum itself, unless nothing large covers what is small in it. */
export function suppressSum(counts: readonly number[]): Told {
  const isCovered = counts.some((count) => count >= SMALLEST_TOLD) || !counts.some(isSmall);
  return isCovered ? counts.reduce((all, count) => all + count, 0) : null;
}

function isSmall(count: number): boolean {
  return count > 0 && count < SMALLEST_TOLD;
}
