import type { ErasureReason, Signoff } from '@entente/contract';
import { endRetention } from './end-retention.js';
import { hasCase } from './has-case.js';
import { type Person, signoffWords } from './log-access.js';
import { dropAll, logQuarantined, type Quarantined, quarantinedIn, stillThere } from './quarantined.js';
import { logErasure, type WhyErased } from './remove-content.js';
import { isWhole, removeProofOfReceived, removeProofOfSent, sealIn } from './remove-proof.js';
import type { Edge } from './state.js';

export interface ErasureOrder {
  readonly reason: ErasureReason;
  /** Where the decision can be found; no name. */
  readonly reference: string;
  readonly signoff: Signoff;
}

export interface ErasedCase {
  /** Messages of the case that still had their content. */
  readonly messages: number;
  /** Of these, how many wait for their outcome and go with it, or wait for the gate to say the time. */
  readonly waiting: number;
  /** Messages of the case of which nothing is left that proves them, or shows their facts. */
  readonly proofs: number;
  /** Messages of the case, by what they say of themselves, that this edge could not handle, and which it has dropped. */
  readonly quarantined: number;
  /** Whether none of what went is left in the files; false: another process reads an older state of them, it goes within a minute after. */
  readonly overwritten: boolean;
}

/**
 * One case goes before its time, on a lawful request (GDPR Art. 17): contents, seals, proofs with salt and record, and why somebody opened it.
 * What became of it, in words of closed lists, stays some time to answer repeats, and that and why it was erased for good.
 * @returns undefined where this member has no such case, `held` where a legal hold keeps it
 * @throws ClockDiffers
 */
export async function eraseCase(
  edge: Edge,
  caseId: string,
  order: ErasureOrder,
  person: Person,
): Promise<ErasedCase | 'held' | undefined> {
  const found = await quarantinedIn(edge, caseId);
  if (!hasCase(edge, caseId) && found.length === 0) return undefined;
  const ordered = await edge.quarantine.inTurn(async () => {
    // On disk before anything goes: a crash after this is ended by the next turn of what ends retention.
    const ordered = await edge.commit(() => orderErasure(edge, caseId, order, person, found));
    if (ordered !== 'held') await dropAll(edge, ordered.quarantined);
    return ordered;
  });
  if (ordered === 'held') return 'held';
  const { messages, quarantined } = ordered;
  while ((await endRetention(edge)) > 0);
  const left = [...edge.cases.inCase(caseId), ...edge.outbox.inCase(caseId)];
  const waiting = left.filter(({ removedMs }) => removedMs === null).length;
  const proofs = left.length - waiting;
  const counts = { messages, waiting, proofs, quarantined: quarantined.length };
  edge.logger.warn({ case: caseId, reason: order.reason, ...counts }, 'a case is erased by order');
  return { ...counts, overwritten: edge.journal.settle() };
}

/**
 * That somebody has ordered it is an entry by itself: what it names may still wait. Within the transaction of who calls it, so that no hold
 * begins between the look and the order.
 * @throws ClockDiffers: by a clock that is wrong, the time of others would be over as well
 */
function orderErasure(
  edge: Edge,
  caseId: string,
  { reason, reference, signoff }: ErasureOrder,
  person: Person,
  found: readonly Quarantined[],
): { readonly messages: number; readonly quarantined: readonly Quarantined[] } | 'held' {
  edge.clock.check();
  if (edge.legalHolds.find(caseId)) return 'held';
  const atMs = edge.now();
  const about = { case_id: caseId, message_id: '', detail: reason, reference };
  edge.access.add({ at_ms: atMs, ...person, what: 'erasure-order', ...about, ...signoffWords(signoff) });
  const why = { actor: person.actor, detail: reason, reference };
  removeOldProofs(edge, caseId, why);
  const quarantined = stillThere(edge, found);
  logQuarantined(edge, quarantined, why);
  const messages = edge.erasures.order({ caseId, reason, reference, atMs, actor: person.actor });
  return { messages, quarantined };
}

/** Of messages whose content is gone already; the others' go with it. */
function removeOldProofs(edge: Edge, caseId: string, why: WhyErased): void {
  for (const messageHash of edge.justifications.forgetCase(caseId))
    if (messageHash) edge.inspections.forget(messageHash);
  edge.journal.owe();
  for (const row of edge.cases.inCase(caseId)) {
    if (row.removedMs === null || !isWhole(sealIn(row.passage))) continue;
    removeProofOfReceived(edge, row);
    logErasure(edge, caseId, row.id, why);
  }
  for (const row of edge.outbox.inCase(caseId)) {
    if (row.removedMs === null || row.envelope === null) continue;
    removeProofOfSent(edge, row);
    logErasure(edge, caseId, row.id, why);
  }
}
