import type { SqlDatabase } from '@entente/runtime';

export type ErasedJournal = ReturnType<typeof openErasedJournal>;

/**
 * What was erased stands in the journal of the database until that is emptied. Whatever erases says so here, within its transaction or
 * after it, never before: the journal could be emptied in between. A transaction that fails costs an emptying for nothing.
 */
export function openErasedJournal(db: SqlDatabase) {
  // A crash may have come between an erasure and the emptying.
  let isOwed = true;
  return Object.freeze({
    owe: (): void => {
      isOwed = true;
    },
    /** @returns false while somebody else reads an older state of the database, as a backup does: to be tried again */
    settle: (): boolean => {
      if (isOwed) isOwed = !db.emptyJournal();
      return !isOwed;
    },
  });
}
