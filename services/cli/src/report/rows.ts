/** Rows that are counted: the same row again adds to its count. */
export interface Rows<T> {
  readonly add: (row: T, count?: number) => void;
  /** The largest counts first. */
  readonly list: () => (T & { readonly count: number })[];
}

export function createRows<T extends object>(): Rows<T> {
  const rows = new Map<string, { readonly row: T; count: number }>();
  return {
    add: (row, count = 1) => {
      const key = JSON.stringify(row);
      const known = rows.get(key) ?? { row, count: 0 };
      rows.set(key, known);
      known.count += count;
    },
    list: () =>
      [...rows.values()].sort((a, b) => b.count - a.count).map(({ row, count }) => ({ ...row, count })),
  };
}
