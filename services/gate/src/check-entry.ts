import { checkEntry, type VerifiedEntry } from '@entente/audit';
import { Rejection, type wire } from '@entente/contract';
import { messageHash as hashOfSeal } from '@entente/seal';
import type { GateDeps } from './state.js';

/** @throws Rejection `proof-missing`, `proof-wrong` */
export function checkEntryOf(
  gate: GateDeps,
  nation: string,
  { entry, messageHash }: wire.AnswerFrame,
): VerifiedEntry {
  const verified = checkEntry(entry, (origin) => gate.directory().ledger(nation, origin));
  // Another nation's ledger may log what it likes: that its record carries the seal it names is checked here.
  const { record } = verified;
  const named = Buffer.from(record.messageHash);
  if (named.equals(messageHash) && named.equals(hashOfSeal(record.seal))) return verified;
  throw new Rejection('proof-wrong');
}
