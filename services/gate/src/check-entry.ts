import { type VerifiedEntry, verifyEntry } from '@entente/audit';
import { Rejection, type wire } from '@entente/contract';
import type { GateDeps } from './state.js';

/** @throws Rejection `proof-missing`, `proof-wrong` */
export function checkEntry(
  gate: GateDeps,
  nation: string,
  { entry, messageHash }: wire.AnswerFrame,
): VerifiedEntry {
  if (!entry) throw new Rejection('proof-missing');
  try {
    const verified = verifyEntry(entry, (origin) => gate.directory().ledger(nation, origin));
    if (Buffer.from(verified.record.messageHash).equals(messageHash)) return verified;
  } catch (cause) {
    throw new Rejection('proof-wrong', undefined, cause);
  }
  throw new Rejection('proof-wrong');
}
