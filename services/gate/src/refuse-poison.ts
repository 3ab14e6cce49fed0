import { AuditError } from '@entente/audit';
import { BusError } from '@entente/bus';
import { Rejection } from '@entente/contract';
import { isPassing } from '@entente/runtime';
import { hasContent, isSealAlone, readUnverifiedHeader } from '@entente/seal';
import { answer, type Step } from './act.js';
import { judgeAsPoison } from './judge.js';
import { LedgerRefusal } from './ledger-client.js';
import { record } from './record.js';
import type { GateDeps } from './state.js';

/**
 * A message that is in quarantine now is refused on record, and its sender reads that. If it was logged before this gate failed on it,
 * that entry stands, and the sender's clocks say what did not happen after it.
 *
 * Evidence, approvals, requests and seals without their body are not refused: the entry would stand in the way when an operator has
 * them handled again.
 */
export async function refusePoison(
  gate: GateDeps,
  { sealed, stage, envelope }: Pick<Step, 'sealed' | 'stage' | 'envelope'>,
): Promise<void> {
  if (!hasContent(sealed.header) || isSealAlone(sealed, envelope)) return;
  const logged = await record(gate, sealed, stage, judgeAsPoison(gate));
  // Of what was held its end counts, if it has one.
  await answer(gate, { stage, sealed }, logged.later ?? logged);
}

const NOT_OF_THE_MESSAGE = [Rejection, BusError, LedgerRefusal, AuditError];

/** Whether a gate failed on this very message: neither refused it, nor lacked a server, a ledger or a key. */
export function isFault(error: unknown): boolean {
  return !NOT_OF_THE_MESSAGE.some((kind) => error instanceof kind) && !isPassing(error);
}

/** Whether it goes by the rules or is said of something that did; what cannot be read is of a kind that never passes. */
export function kindOfSeal(seal: () => Uint8Array): string {
  try {
    return hasContent(readUnverifiedHeader(seal())) ? 'content' : 'statement';
  } catch {
    return 'unreadable';
  }
}
