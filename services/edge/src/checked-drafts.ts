export type CheckedDrafts = ReturnType<typeof rememberChecked>;

/**
 * The drafts whose content this process has checked, under the schemas that it has: what another one has taken, before it was started, was
 * checked under those of that time.
 * @param most of those beyond it all is checked once more
 */
export function rememberChecked(most: number) {
  // In the order in which they were handed in.
  const ids = new Set<string>();
  return Object.freeze({
    add: (id: string): void => {
      ids.add(id);
      if (ids.size <= most) return;
      const [oldest = id] = ids;
      ids.delete(oldest);
    },
    has: (id: string): boolean => ids.has(id),
    /** It is sealed, or never will be: what a row says that becomes a draft again is not what was checked. */
    forget: (id: string): void => void ids.delete(id),
  });
}
