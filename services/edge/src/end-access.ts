import { SYSTEM } from '@entente/contract';
import type { Edge } from './state.js';

const DAY_MS = 86_400_000;

/**
 * Entries of the log of accesses go `accessDays` after the day on which they were made: text and salt; their leaves stay, so that the log verifies
 * as before. One entry says of up to 2,000 that they went. What is not on record in the log of the nation yet stays until it is, what is
 * about a case on legal hold as long as that lasts, and what says which entries went for good.
 *
 * INVARIANT: within a transaction of who calls it, after the holds were compared with what this log says of them.
 *
 * @returns how many went; there may be more
 */
export function endAccess(edge: Edge): number {
  const beforeMs = Math.floor(edge.now() / DAY_MS) * DAY_MS - edge.accessDays * DAY_MS;
  const held = new Set(edge.legalHolds.list().map(({ caseId }) => caseId));
  const indices = edge.access.over(beforeMs, edge.anchors.loggedSize(), held);
  if (indices.length === 0) return 0;
  const about = { case_id: '', message_id: '', justification: '', detail: 'time-over' };
  edge.access.add({
    ...{ at_ms: edge.now(), actor: SYSTEM, what: 'erasure', ...about },
    reference: `ACCESS_DAYS ${edge.accessDays}`,
    accesses: rangesOf(indices),
  });
  edge.access.erase(indices);
  edge.journal.owe();
  return indices.length;
}

/** @param indices rising */
function rangesOf(indices: readonly number[]): (readonly [first: number, last: number])[] {
  const ranges: [number, number][] = [];
  for (const index of indices) {
    const last = ranges.at(-1);
    if (last?.[1] === index - 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges;
}
