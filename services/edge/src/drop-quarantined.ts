import type { ErasureOrder } from './erase-case.js';
import { type Person, signoffWords } from './log-access.js';
import { logQuarantined, type Quarantined, quarantinedAs, stillThere } from './quarantined.js';
import type { Edge } from './state.js';

/**
 * One message goes from quarantine, by decision of a person: an entry of the log of accesses says who wanted it and why, before it goes.
 * @param id of its file
 * @returns undefined where there is no such message, `held` where its case is under legal hold
 * @throws ClockDiffers
 */
export async function dropQuarantined(
  edge: Edge,
  id: string,
  order: ErasureOrder,
  person: Person,
): Promise<'dropped' | 'held' | undefined> {
  return await edge.quarantine.inTurn(() => dropOne(edge, quarantinedAs(edge, id), order, person));
}

async function dropOne(
  edge: Edge,
  message: Quarantined | undefined,
  { reason, reference, signoff }: ErasureOrder,
  { actor, justification }: Person,
): Promise<'dropped' | 'held' | undefined> {
  if (!message) return undefined;
  const { id, caseId, messageId } = message;
  // In one transaction, so that no hold begins between the look and the order.
  const outcome = await edge.commit(() => {
    edge.clock.check();
    if (stillThere(edge, [message]).length === 0) return undefined;
    if (edge.legalHolds.find(caseId)) return 'held';
    const about = { case_id: caseId, message_id: messageId, detail: reason, reference };
    const order = { at_ms: edge.now(), actor, justification, what: 'erasure-order' } as const;
    edge.access.add({ ...order, ...about, ...signoffWords(signoff) });
    logQuarantined(edge, [message], { actor, detail: reason, reference });
    return 'dropped';
  });
  if (outcome !== 'dropped') return outcome;
  edge.quarantine.drop(id);
  edge.logger.warn({ id, case: caseId, reason }, 'a message in quarantine is dropped by order');
  return 'dropped';
}
