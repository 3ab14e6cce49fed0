import type { OutboxRow } from './outbox-row.js';
import type { Edge } from './state.js';

/**
 * A referral that was taken back and has not left goes nowhere any more, nor does what was said of it, the recall with it: its recipient
 * never learns that there was one. What is sealed may be on its way, and the recall follows it.
 *
 * INVARIANT: in the transaction that hands the recall in. A draft that is being sealed meanwhile is none of the outbox when it is, and is
 * not sent.
 */
export function endUnsent(edge: Edge, caseId: string, id: string): void {
  const referral = edge.outbox.find(id);
  if (referral?.state !== 'draft') return;
  const drafts = [referral, ...edge.outbox.saidOf(caseId, id)].filter(({ state }) => state === 'draft');
  for (const draft of drafts) edge.outbox.conclude(draft.id, { ...UNSENT, atMs: edge.now() });
}

const UNSENT = {
  outcome: 'recalled',
  code: 'recalled',
  reason: 'It was taken back before it was sent. Nobody else has had it.',
} as const;

/** Whether its sender wants nobody to have it any more. What a gate does not let take it back does not. */
export function isTakenBack(edge: Edge, { caseId, id, updateWord }: OutboxRow): boolean {
  return updateWord === '' && edge.outbox.isRecalled(caseId, id);
}
