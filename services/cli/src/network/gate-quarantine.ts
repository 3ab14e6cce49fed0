import { join } from 'node:path';
import { isCaseName, type Signoff } from '@entente/contract';
import { openQuarantine } from '@entente/runtime';
import { readCarriedHeader } from '@entente/seal';
import { isThere } from '../read-named.js';
import { layOrder } from './order-files.js';

/**
 * What a gate could not handle of one case, by what it says of itself: the names that it has in the folder. What cannot be read is of no case.
 * @throws what the file system throws
 */
export function quarantinedOf(folder: string, caseId: string): string[] {
  if (!isCaseName(caseId) || !isThere(folder)) return [];
  const found: string[] = [];
  for (const { id, subject, bytes } of openQuarantine(folder).keptUntil(Number.MAX_VALUE))
    if (readCarriedHeader(subject, bytes)?.caseId === caseId) found.push(id);
  return found;
}

export interface DropOrder {
  readonly reason: string;
  readonly reference: string;
  readonly signoff: Signoff;
}

/**
 * Orders a gate to drop messages from its quarantine, each with an entry of its nation's log.
 * @param what those of a case, or those with these names
 * @returns the file of the order
 */
export function orderDrop(
  folder: string,
  what: { readonly case: string } | { readonly messages: readonly string[] },
  { reason, reference, signoff }: DropOrder,
): string {
  const file = join(folder, 'erase', `${'case' in what ? what.case : what.messages[0]}.json`);
  const by = { proposed_by: signoff.proposedBy, approved_by: signoff.approvedBy };
  // The time makes it another order than an earlier one: each is on record.
  layOrder(file, { ...what, reason, reference, ...by, at: new Date().toISOString() });
  return file;
}
