import { type MemberId, nationOf, parseContent, parseSubmission, type Referral } from '@entente/contract';
import { findThreads, type Thread } from './find-threads.js';
import type { Edge } from './state.js';
import { type Accepted, keep } from './submit.js';
import { chooseThread, NotPossible, submitUpdate } from './submit-update.js';

export interface ForwardRequest {
  readonly to: string;
  readonly to_role: string;
  /** What changes on the way: another action, another ground, why this recipient needs it. */
  readonly change?: Readonly<Record<string, unknown>>;
  readonly in_reply_to?: string;
  readonly actor?: string;
}

/**
 * Sends a received referral on to another member, as a referral of this member's own, and tells its originator to whom. The rules
 * of both nations decide over it as over any other; where the data came from stands in it.
 * @returns undefined if the case is not known here
 * @throws NotPossible; Rejection `content-invalid`, `content-forbidden`, `recipient-unknown`; IdempotencyConflict
 */
export function forwardReferral(
  edge: Edge,
  caseId: string,
  { to, to_role, change = {}, in_reply_to: inReplyTo, actor }: ForwardRequest,
  key: string | null,
): Accepted | undefined {
  const threads = findThreads(edge, caseId).filter(({ end }) => end === 'recipient');
  if (threads.length === 0) return undefined;
  const thread = chooseThread(threads, inReplyTo);
  checkHandling(thread.referral);
  const content = parseContent(Buffer.from(JSON.stringify({ ...onward(edge, thread), ...change })));
  const person = actor === undefined ? {} : { actor };
  const submission = parseSubmission({ to, to_role, from_role: thread.ownRole, ...person, content });
  edge.directory().member(to, edge.now());
  if ([edge.member, thread.counterpart].includes(to as MemberId))
    throw new NotPossible(`A referral is not forwarded to ${to}: it came from there, or is there already.`);
  const told = { update: 'forward', forwarded_to: to, in_reply_to: thread.id, ...person } as const;
  // Both or neither: nobody has it without its originator being told.
  return edge.db.transaction(() => {
    const accepted = keep(edge, submission, content, { key, createdMs: edge.now() });
    if (accepted.isNew) submitUpdate(edge, caseId, told, null);
    return accepted;
  });
}

/** TLP 2.0: these two markings end with the organisation that got them, or with the persons. */
function checkHandling({ handling, origin }: Referral): void {
  if (!['TLP:RED', 'TLP:AMBER+STRICT'].includes(handling) || origin?.onward_consent) return;
  throw new NotPossible(
    `It is marked ${handling}, which does not let it go on to another organisation. Ask its originator.`,
  );
}

/** What was received, as this member's own: without what only its sender could say, or only its gates. */
function onward(edge: Edge, { referral, counterpart }: Thread): object {
  const { clocks: _, deadline: __, own_reference: ___, ...content } = referral;
  const nation = nationOf(counterpart as MemberId);
  if (content.origin !== undefined || nation === nationOf(edge.member)) return content;
  return { ...content, origin: { nation, onward_consent: false } };
}
