import type { Signoff } from '@entente/contract';
import { removeRecalled } from './accept-update.js';
import type { AccessEntry, Keeping } from './access-log.js';
import { hasCase } from './has-case.js';
import type { LegalHold } from './legal-holds.js';
import { type Person, signoffWords } from './log-access.js';
import type { Edge } from './state.js';

export interface LegalHoldOrder {
  /** Where the decision can be found; no name. */
  readonly reason: string;
  readonly signoff: Signoff;
}

/**
 * Nothing of the case is erased from now on. A hold that is there already stays as it is.
 *
 * INVARIANT: in one transaction with its entry, so that the log of accesses never says another thing of a case than what is done with it.
 *
 * @returns the hold that is there now, and whether this is the one; undefined where this member has no such case
 */
export async function beginLegalHold(
  edge: Edge,
  caseId: string,
  order: LegalHoldOrder,
  person: Person,
): Promise<(LegalHold & { readonly isNew: boolean }) | undefined> {
  if (!hasCase(edge, caseId)) return undefined;
  return await edge.commit(() => {
    const isNew = edge.legalHolds.put(caseId, order.reason, edge.now());
    if (isNew) edge.access.add(entryOf(edge, 'legal-hold', caseId, order, person));
    const hold = edge.legalHolds.find(caseId);
    return hold && { ...hold, isNew };
  });
}

/**
 * What had to go meanwhile goes now: what was taken back at once, the rest within a minute. The same invariant.
 * @returns whether there was one
 */
export async function endLegalHold(
  edge: Edge,
  caseId: string,
  order: LegalHoldOrder,
  person: Person,
): Promise<boolean> {
  const wasThere = await edge.commit(() => {
    if (!edge.legalHolds.end(caseId)) return false;
    edge.access.add(entryOf(edge, 'legal-hold-end', caseId, order, person));
    removeRecalled(edge, caseId);
    return true;
  });
  if (wasThere) edge.journal.settle();
  return wasThere;
}

function entryOf(
  edge: Edge,
  what: Keeping,
  caseId: string,
  { reason, signoff }: LegalHoldOrder,
  person: Person,
): AccessEntry {
  const about = { case_id: caseId, message_id: '', detail: '', reference: reason };
  return { at_ms: edge.now(), ...person, what, ...about, ...signoffWords(signoff) };
}
