import { Rejection, type wire } from '@entente/contract';
import { AuditError } from './error.js';
import { type VerifiedEntry, verifyEntry } from './verify-entry.js';

/**
 * An entry that came with a message, as the sender's fault if it does not prove itself.
 * @throws Rejection `proof-missing`, `proof-wrong`
 */
export function checkEntry(
  entry: wire.EntryFrame | null | undefined,
  findLedger: Parameters<typeof verifyEntry>[1],
): VerifiedEntry {
  if (!entry) throw new Rejection('proof-missing');
  try {
    return verifyEntry(entry, findLedger);
  } catch (cause) {
    if (!(cause instanceof AuditError || cause instanceof Rejection)) throw cause;
    throw new Rejection('proof-wrong', undefined, cause);
  }
}
