import { headerIn } from './header-in.js';
import { type LogSource, originOf } from './log-source.js';
import { type LogFault, readLog } from './read-log.js';
import type { DatedAnchor } from './verify-access.js';

export type AnchorFault = LogFault & { readonly origin: string };

/**
 * What this member had put on record of its log of accesses, in the order of its nation's logs, the oldest first; and what speaks against
 * those logs. A seal that cannot be read is no anchor of anybody.
 */
export async function readAnchors(
  sources: readonly LogSource[],
  member: string,
): Promise<{ readonly anchors: readonly DatedAnchor[]; readonly faults: readonly AnchorFault[] }> {
  const anchors: DatedAnchor[] = [];
  const faults: AnchorFault[] = [];
  for (const source of sources) {
    const read = await readLog(source, ({ leaf, record }) => {
      const header = record?.event === 'access-anchor' ? headerIn(record) : undefined;
      const access = header?.from === member ? header.statement?.access : undefined;
      if (access) anchors.push({ ...access, atMs: leaf.timeMs });
    });
    faults.push(...read.faults.map((fault) => ({ origin: originOf(source), ...fault })));
  }
  return { anchors, faults };
}
