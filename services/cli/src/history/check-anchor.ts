import { verifyConsistency } from '@entente/audit';
import type { wire } from '@entente/contract';

/** How large a member's log of accesses was, and what stood in it. */
export interface LoggedAnchor {
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * A member's log of accesses only grows: each anchor proves that it continues the one before it. A member that rewrites its log, or goes on
 * from a backup, is found from the nation's log alone, by whoever may read that.
 * @param hasGaps whether entries of the log are erased, in which an anchor may have stood
 */
export function checkAnchor(
  anchors: Map<string, LoggedAnchor>,
  { from, statement }: wire.HeaderFrame,
  report: (code: string, detail: string) => void,
  hasGaps: boolean,
): void {
  const { size = 0, root = new Uint8Array() } = statement?.access ?? {};
  const before = anchors.get(from);
  anchors.set(from, { size, root });
  // The one before it may be in the log of another year, or erased.
  if (!before || (hasGaps && (statement?.access?.oldSize ?? 0) > before.size)) return;
  const fault = faultOf(before, statement?.access ?? null);
  if (fault) report(fault.code, `${from}: ${fault.detail}`);
}

function faultOf(before: LoggedAnchor, access: wire.AccessAnchorFrame | null) {
  const { size = 0, root = new Uint8Array(), oldSize = 0, consistency = [] } = access ?? {};
  if (size < before.size)
    return {
      code: 'access-log-shrank',
      detail: `its access log had ${before.size} entries, and now has ${size}`,
    };
  if (oldSize !== before.size)
    return {
      code: 'access-log-unproved',
      detail: `it proves that its access log continues ${oldSize} entries, but ${before.size} went on record before`,
    };
  try {
    verifyConsistency({ oldSize, oldRoot: before.root, size, root, proof: consistency });
    return undefined;
  } catch (error) {
    return { code: 'access-log-rewritten', detail: (error as Error).message };
  }
}
