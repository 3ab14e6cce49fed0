import type { LogFault } from './read-log.js';

/** So many are named; of the others it is said how many there are. A log of nonsense must not fill the memory. */
const MOST_FAULTS = 10_000;

/** What was found in a log. */
export interface SavedFaults {
  readonly named: readonly LogFault[];
  readonly more: number;
}

/** @param saidBy who has said all of it, where it speaks against members */
export function createFaultList(saved: SavedFaults = { named: [], more: 0 }, saidBy?: string) {
  const named = [...saved.named];
  let { more } = saved;
  return {
    add: (...faults: readonly LogFault[]): void => {
      for (const fault of faults) {
        if (named.length < MOST_FAULTS) named.push(fault);
        else more += 1;
      }
    },
    save: (): SavedFaults => ({ named: [...named], more }),
    /** The first of all entries first; those of files before. */
    list: (): LogFault[] => [...named.sort(byEntry), ...(more > 0 ? [tooMany(more, saidBy)] : [])],
  };
}

/** All that several parts of an audit have found, in one order. */
export function mergeFaults(...lists: readonly (readonly LogFault[])[]): LogFault[] {
  return lists.flat().sort(byEntry);
}

function byEntry(a: LogFault, b: LogFault): number {
  const [left, right] = [a, b].map((fault) =>
    fault.code === TOO_MANY ? Number.POSITIVE_INFINITY : (fault.index ?? -1),
  );
  return left === right ? 0 : (left ?? 0) - (right ?? 0);
}

export const TOO_MANY = 'too-many-faults';

function tooMany(more: number, saidBy: string | undefined): LogFault {
  const detail = `${more} further faults are not listed`;
  return { index: null, code: TOO_MANY, detail, ...(saidBy !== undefined && { saidBy }) };
}
