import { isEnvelopeId, LIMITS, SYSTEM } from '@entente/contract';
import { readCarriedHeader } from '@entente/seal';
import { logErasure, type WhyErased } from './remove-content.js';
import type { Edge } from './state.js';

/** A message in quarantine, and what it says of itself, which nothing proves. */
interface Quarantined {
  /** Of its file. */
  readonly id: string;
  /** Both empty where it cannot be read. */
  readonly caseId: string;
  readonly messageId: string;
}

/** Later nobody accepts it any more: it was issued before it came. */
const OVER_MS = LIMITS.lifetimeMs + LIMITS.skewMs;

/** What this edge could not handle of one case. */
export function quarantinedIn(edge: Edge, caseId: string): Quarantined[] {
  return keptUntil(edge, Number.MAX_VALUE).filter((one) => one.caseId === caseId);
}

/** @param id of its file */
export function quarantinedAs({ quarantine }: Edge, id: string): Quarantined | undefined {
  const [found] = quarantine.keptUntil(Number.MAX_VALUE, (one) => one === id);
  return found && nameIt(found);
}

/** Until when each message in quarantine is kept, unless a legal hold on its case keeps it longer. */
export function* quarantinedUntil({ quarantine }: Edge) {
  for (const message of quarantine.keptUntil(Number.MAX_VALUE))
    yield { caseId: nameIt(message).caseId, untilMs: message.keptMs + OVER_MS };
}

/**
 * What has been in quarantine until it could not be accepted any more goes, but for cases on legal hold.
 * @throws ClockDiffers
 */
export async function endQuarantine(edge: Edge): Promise<void> {
  edge.clock.check();
  const over = keptUntil(edge, edge.now() - OVER_MS).filter(({ caseId }) => !edge.legalHolds.find(caseId));
  if (over.length === 0) return;
  const why = { actor: SYSTEM, detail: 'time-over', reference: 'in quarantine' } as const;
  await edge.commit(() => logQuarantined(edge, over, why));
  for (const { id } of over) edge.quarantine.drop(id);
}

/** Before they are dropped: what goes has its entry, also where a crash comes between. */
export function logQuarantined(edge: Edge, over: readonly Quarantined[], why: WhyErased): void {
  for (const { caseId, messageId } of over) logErasure(edge, caseId, messageId, why);
}

function keptUntil({ quarantine }: Edge, ms: number): Quarantined[] {
  const kept: Quarantined[] = [];
  for (const message of quarantine.keptUntil(ms)) kept.push(nameIt(message));
  return kept;
}

function nameIt({
  id,
  subject,
  bytes,
}: {
  readonly id: string;
  readonly subject: string;
  readonly bytes: Uint8Array;
}): Quarantined {
  const header = readCarriedHeader(subject, bytes);
  // It is in quarantine: that it cannot be read may be why.
  if (!header || !isEnvelopeId(header.caseId) || !isEnvelopeId(header.id))
    return { id, caseId: '', messageId: '' };
  return { id, caseId: header.caseId, messageId: header.id };
}
