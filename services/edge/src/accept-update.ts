import { LIMITS, Rejection, TRANSITIONS, type Update, wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import type { ReceivedRow } from './case-store.js';
import { findThreads } from './find-threads.js';
import { removeReceived, type WhyErased } from './remove-content.js';
import type { Edge } from './state.js';

/**
 * Whether an update is about a referral between these two members. That it was not possible when it was issued is no reason to
 * refuse it: it may have crossed another on its way, and both ends leave it without effect.
 * @throws Rejection `case-unknown`, `content-invalid`, `rate-exceeded`
 */
export function checkUpdate(edge: Edge, header: wire.HeaderFrame, { update, category }: Update): void {
  if (edge.cases.inCase(header.caseId).length >= LIMITS.updates)
    throw new Rejection('rate-exceeded', 'enough was said in this case: open a new one');
  const threads = findThreads(edge, header.caseId);
  const thread = threads.find(
    ({ id, counterpart }) => id === header.inReplyTo && counterpart === header.from,
  );
  if (thread) {
    if (thread.referral.category !== category)
      throw new Rejection(
        'content-invalid',
        `/category must be that of the referral, ${thread.referral.category}`,
      );
    return;
  }
  // The referral may be still on its way: what its originator says about it is kept until it is here.
  const isOfOriginator = TRANSITIONS.some((one) => one.update === update && one.by === 'originator');
  if (!isOfOriginator)
    throw new Rejection('case-unknown', 'an update about a referral that was not sent to this member');
}

/** The contents of referrals in this case go that their originator took back with the copy; those under legal hold when that ends. */
export function removeRecalled(edge: Edge, caseId: string): void {
  if (!edge.cases.hasUpdates(caseId) || edge.legalHolds.find(caseId)) return;
  const rows = edge.cases.inCase(caseId);
  for (const { id, end, counterpart, followed } of findThreads(edge, caseId)) {
    if (end !== 'recipient' || followed.state !== 'recalled' || !followed.removeCopy) continue;
    const isTheirs = (row: ReceivedRow) => row.sender === counterpart && [row.id, row.inReplyTo].includes(id);
    const theirs = rows.filter(isTheirs);
    for (const row of theirs.filter(({ removedMs }) => removedMs === null))
      removeReceived(edge, row, recallOf(theirs));
  }
}

/** Whoever has signed the first that took the copy back. */
function recallOf(theirs: readonly ReceivedRow[]): WhyErased {
  const recalls = theirs.filter(
    ({ updateWord, content }) => updateWord === 'recall' && (JSON.parse(content) as Update).remove_copy,
  );
  const [recall] = recalls.sort((one, other) => one.issuedMs - other.issuedMs);
  if (!recall) throw new Error('a copy is taken back, and no message says so');
  const { envelope } = wire.passage.decode(recall.passage);
  const { from, actor } = readUnverifiedHeader(envelope?.seal ?? new Uint8Array());
  return { actor: `${from}/${actor}`, detail: 'recalled', reference: recall.id };
}
