import { Rejection, TRANSITIONS, type Update, type wire } from '@entente/contract';
import type { AboutReferral, SaidRow } from './case-store.js';
import { findReceived, type Thread } from './find-threads.js';
import { recallOnward } from './recall-onward.js';
import { removeReceived, type WhyErased, whyRecalled } from './remove-content.js';
import type { Edge } from './state.js';

/**
 * Whether an update is about a referral between these two members. That it was not possible when it was issued is no reason to
 * refuse it: it may have crossed another on its way, and both ends leave it without effect.
 * @throws Rejection `case-unknown`, `content-invalid`
 */
export function checkUpdate(edge: Edge, header: wire.HeaderFrame, { update, category }: Update): void {
  const expected = categoryOf(edge, header);
  if (expected === category) return;
  if (expected !== undefined)
    throw new Rejection('content-invalid', `/category must be that of the referral, ${expected}`);
  // The referral may be still on its way: what its originator says about it is kept until it is here.
  const isOfOriginator = TRANSITIONS.some((one) => one.update === update && one.by === 'originator');
  if (!isOfOriginator)
    throw new Rejection('case-unknown', 'an update about a referral that was not sent to this member');
}

/** Of the referral that an update is about; undefined: these two have none of this name in this case. */
function categoryOf(edge: Edge, { caseId, inReplyTo: id, from }: wire.HeaderFrame): string | undefined {
  const sent = edge.outbox.find(id);
  const row = sent?.to === from ? sent : edge.cases.byId(from, id);
  return row?.caseId === caseId && row.updateWord === '' ? row.category : undefined;
}

/** What a recall has to do here: with what it took back, and wherever that was sent on. */
export function followRecall(edge: Edge, about: AboutReferral): void {
  if (!edge.cases.isRecalled(about)) return;
  const thread = findReceived(edge, about);
  if (!thread) return;
  removeIfRecalled(edge, about, thread);
  recallOnward(edge, about, thread);
}

/** The contents of referrals in this case go that their originator took back with the copy; those under legal hold when that ends. */
export function removeRecalled(edge: Edge, caseId: string): void {
  for (const about of edge.cases.recalled(caseId)) {
    const thread = findReceived(edge, about);
    if (thread) removeIfRecalled(edge, about, thread);
  }
}

/** The same of one referral. What else its case has is not read: who fills a case makes nobody wait for each message in it. */
function removeIfRecalled(edge: Edge, about: AboutReferral, { followed }: Thread): void {
  if (followed.state !== 'recalled' || !followed.removeCopy || edge.legalHolds.find(about.caseId)) return;
  const theirs = [edge.cases.byId(about.sender, about.id), ...edge.cases.saidOf(about)].filter(
    (row) => row !== undefined,
  );
  for (const { messageHash } of theirs.filter(({ removedMs }) => removedMs === null)) {
    const row = edge.cases.find(messageHash);
    if (!row) continue;
    removeReceived(edge, row, recallOf(edge, theirs));
    edge.unsaidErasures.add(row.messageHash);
  }
}

/** Whoever has signed the first that took the copy back. */
function recallOf(edge: Edge, theirs: readonly SaidRow[]): WhyErased {
  const recalls = theirs.filter(
    ({ updateWord, content }) => updateWord === 'recall' && (JSON.parse(content) as Update).remove_copy,
  );
  const [recall] = recalls.sort((one, other) => one.issuedMs - other.issuedMs);
  if (!recall) throw new Error('a copy is taken back, and no message says so');
  return whyRecalled(edge, recall.sender, recall.id);
}
