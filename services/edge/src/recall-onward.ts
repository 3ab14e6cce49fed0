import type { Said, Update } from '@entente/contract';
import type { AboutReferral } from './case-store.js';
import { findReceived, type Thread } from './find-threads.js';
import type { Forward } from './forwards.js';
import { sayOnward } from './say-onward.js';
import type { Edge } from './state.js';

/**
 * What was taken back here is taken back wherever this member has sent it on, for the same reason (GDPR Art. 19). Where its copy has to
 * go, so has that in what was sent on: with the next turn of what ends retention, and not before it has its outcome, nor under a legal
 * hold.
 *
 * INVARIANT: in the transaction that keeps the recall, so that none is kept and forgotten. While the outbox is full it is not kept, and
 * comes again.
 */
export function recallOnward(edge: Edge, about: AboutReferral, thread: Thread): void {
  const forwards = edge.forwards.of(about);
  if (forwards.length === 0) return;
  const recall = recallIn(thread);
  if (recall) for (const forward of forwards) takeBack(edge, forward, recall.content);
}

/** By whom and with which message a referral was taken back; undefined: it stands. */
export function findRecall(edge: Edge, about: AboutReferral): Said | undefined {
  const thread = findReceived(edge, about);
  return thread && recallIn(thread);
}

function recallIn({ said, followed }: Thread): Said | undefined {
  if (followed.state !== 'recalled') return undefined;
  return said.find(
    ({ id, content }) =>
      content.update === 'recall' && !followed.withoutEffect.some((other) => other.id === id),
  );
}

function takeBack(edge: Edge, forward: Forward, { recall_ground, remove_copy = false }: Update): void {
  const why = recall_ground === undefined ? {} : { recall_ground };
  sayOnward(edge, forward, () => ({ update: 'recall', ...why, remove_copy }));
  if (remove_copy) edge.outbox.eraseFrom(forward.caseId, forward.id, edge.now());
}
