import { verifyConsistency } from '@entente/audit';
import type { wire } from '@entente/contract';
import type { FindingCode, LogFinding } from './finding-code.js';

/** How large a member's log of accesses was, and what stood in it. */
export interface LoggedAnchor {
  readonly size: number;
  readonly root: Uint8Array;
}

export interface PlacedAnchor extends LoggedAnchor {
  /** The entry of the nation's log that says so. */
  readonly index: number;
}

export interface AnchorEntry {
  readonly index: number;
  readonly header: wire.HeaderFrame;
  /** The last entry before it in which an anchor stood that is erased; −1: none. */
  readonly lastGone: number;
}

/**
 * A member's log of accesses only grows: each anchor proves that it continues the one before it. A member that rewrites its log, or goes on
 * from a backup, is found from the nation's log alone, by whoever may read that.
 * @returns false where the anchor before it may be in what was erased since the last one that is there
 */
export function checkAnchor(
  anchors: Map<string, PlacedAnchor>,
  { index, header: { from, statement }, lastGone }: AnchorEntry,
  report: (code: FindingCode, detail: string, saidBy: string) => void,
): boolean {
  const { size = 0, root = new Uint8Array(), oldSize = 0 } = statement?.access ?? {};
  const before = anchors.get(from);
  anchors.set(from, { size, root, index });
  // The one before it may be in the log of another year.
  if (!before) return true;
  if (lastGone > before.index && oldSize > before.size) return false;
  const fault = faultOf(before, statement?.access ?? null);
  if (fault) report(fault.code, `${from}: ${fault.detail}`, from);
  return true;
}

function faultOf(
  before: LoggedAnchor,
  access: wire.AccessAnchorFrame | null,
): { readonly code: LogFinding; readonly detail: string } | undefined {
  const { size = 0, root = new Uint8Array(), oldSize = 0, consistency = [] } = access ?? {};
  if (size < before.size)
    return {
      code: 'access-log-shrank',
      detail: `its access log had ${before.size} entries, and now has ${size}`,
    };
  if (oldSize !== before.size)
    return {
      code: 'access-log-unproved',
      detail: `it proves that its access log continues ${oldSize} entries, but ${before.size} went on record before${oldSize > before.size ? '. Either that is not so, or this log has lost an entry: then the member has its proof, for --seen' : ''}`,
    };
  try {
    verifyConsistency({ oldSize, oldRoot: before.root, size, root, proof: consistency });
    return undefined;
  } catch (error) {
    return { code: 'access-log-rewritten', detail: (error as Error).message };
  }
}
