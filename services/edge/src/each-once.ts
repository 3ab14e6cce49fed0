/** Where two differ that are not the same: a seal ends with its signature, a body with its tag. */
const END_BYTES = 32;

/** The same bytes once, where they stand first: of many repeats each asks for the seal that speaks of them all. */
export function eachOnce(items: readonly Uint8Array[]): Uint8Array[] {
  const byEnd = new Map<string, Uint8Array[]>();
  return items.filter((item) => {
    const end = Buffer.from(item.subarray(-END_BYTES)).toString('latin1');
    const alike = byEnd.get(end) ?? [];
    if (alike.some((other) => Buffer.compare(other, item) === 0)) return false;
    byEnd.set(end, [...alike, item]);
    return true;
  });
}
