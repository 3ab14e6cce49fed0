import type { Approval, Claim, EntryKey, LedgerStore, StoredEntry } from './store.js';

/** A log of this nation that has ended. Nothing is appended to it; what it holds still answers who asks again. */
export interface PastLog {
  readonly origin: string;
  /** Where its database and its image lie. */
  readonly dir: string;
  readonly store: LedgerStore;
  /** How it was followed; of a restored one the last entries are lost. */
  readonly reason: string;
}

/** An entry, and the log that holds it, if that has ended. */
export interface FoundEntry extends StoredEntry {
  readonly past?: PastLog;
}

export type LookBack = ReturnType<typeof lookBack>;

/**
 * What the logs before this one hold: the same message, stage and step is the same entry also in another year.
 * @param past the oldest first
 */
export function lookBack(past: readonly PastLog[]) {
  const newestFirst = [...past].reverse();
  const first = <T>(ask: (log: PastLog) => T | undefined): T | undefined => {
    for (const log of newestFirst) {
      const found = ask(log);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const entry = (ask: (store: LedgerStore) => StoredEntry | undefined): FoundEntry | undefined =>
    first((log) => {
      const found = ask(log.store);
      return found && { ...found, past: log };
    });
  return {
    findEntry: (key: EntryKey) => entry((store) => store.findEntry(key)),
    endOfHold: (messageHash: Uint8Array, stage: string) =>
      entry((store) => store.endOfHold(messageHash, stage)),
    claimedBy: (claim: Claim) => first(({ store }) => store.claimedBy(claim)),
    /** What the nearest log that adopted anything of this kind adopted last. */
    adopted: (kind: string) => first(({ store }) => store.adopted(kind)),
    partVersion: (part: string): number =>
      Math.max(0, ...newestFirst.map(({ store }) => store.partVersion(part))),
    /** In the order of their time. */
    approvalsAbout: (messageHash: Uint8Array, limit: number): FoundEntry[] =>
      past.flatMap((log) =>
        log.store.approvalsAbout(messageHash, limit).map((found) => ({ ...found, past: log })),
      ),
    hasApproval: (approval: Approval): boolean =>
      newestFirst.some(({ store }) => store.hasApproval(approval)),
    timeMs: (): number => Math.max(0, ...newestFirst.map(({ store }) => store.head().timeMs)),
  };
}
