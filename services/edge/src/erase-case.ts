import type { ErasureReason } from '@entente/contract';
import { endRetention } from './end-retention.js';
import type { Edge } from './state.js';

export interface ErasureOrder {
  readonly reason: ErasureReason;
  readonly reference: string;
}

export interface ErasedCase {
  /** Messages of the case that still had their content. */
  readonly messages: number;
  /** Of these, how many wait for their outcome: they go with it. */
  readonly waiting: number;
}

/**
 * Contents of one case go before their time, on a lawful request (GDPR Art. 17): what the case was about, in words of closed lists,
 * and what is proved about it stay, and so does that and why it was erased.
 * @returns undefined where this member has no such case, `held` where a legal hold keeps it
 */
export async function eraseCase(
  edge: Edge,
  caseId: string,
  { reason, reference }: ErasureOrder,
): Promise<ErasedCase | 'held' | undefined> {
  const all = () => [...edge.cases.inCase(caseId), ...edge.outbox.inCase(caseId)];
  if (all().length === 0) return undefined;
  if (edge.legalHolds.find(caseId)) return 'held';
  // On disk before anything goes: a crash after this is ended by the next turn of what ends retention.
  const messages = edge.erasures.order(caseId, reason, reference, edge.now());
  while ((await endRetention(edge)) > 0);
  const waiting = all().filter(({ removedMs }) => removedMs === null).length;
  edge.logger.warn({ case: caseId, reason, reference, messages, waiting }, 'contents are erased by order');
  return { messages, waiting };
}
