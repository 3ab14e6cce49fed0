import { asCorrected, checkContent, type MemberId, parseSubmission, type Role } from '@entente/contract';
import { findThreads, type Thread } from './find-threads.js';
import { checkChange, checkHandling, type ForwardRequest } from './forward-referral.js';
import type { Edge } from './state.js';
import { type Accepted, findRepeat, type HandedIn, keep } from './submit.js';
import { chooseThread, LEGAL_BASIS, NotPossible, submitAbout } from './submit-update.js';

export interface EscalationRequest extends ForwardRequest {
  /** Why the authority needs it: what was asked of somebody else was needed for another reason. */
  readonly necessity: string;
}

/**
 * Refers to an authority what this member has sent and nobody has acted on, to be assessed, and tells its recipient to which kind of
 * authority it went. The rules decide over it as over any other; what had come from another member keeps what that has bound.
 * @returns undefined if this member has sent no referral in this case
 * @throws NotPossible; Rejection `content-invalid`, `content-forbidden`, `recipient-unknown`; IdempotencyConflict
 */
export function escalateReferral(
  edge: Edge,
  caseId: string,
  request: EscalationRequest,
  handedIn: HandedIn,
): Accepted | undefined {
  const asked = { way: 'escalate', case_id: caseId, ...request };
  const known = findRepeat(edge, handedIn, asked);
  if (known) return known;
  const { to, to_role, necessity, change = {}, in_reply_to: inReplyTo, actor } = request;
  const threads = findThreads(edge, caseId).filter(({ end }) => end === 'originator');
  if (threads.length === 0) return undefined;
  const thread = chooseThread(threads, inReplyTo);
  const source = edge.forwards.sourceOf(thread.id);
  const content = checkContent({ ...forAuthority(thread), necessity, ...change });
  if (source || thread.referral.origin) {
    checkHandling(thread.referral);
    checkChange(asCorrected(thread.referral, thread.followed), content, change);
  }
  const person = actor === undefined ? {} : { actor };
  const submission = parseSubmission({ to, to_role, from_role: thread.ownRole, ...person, content });
  edge.directory().member(to, edge.now());
  if ([edge.member, thread.counterpart].includes(to as MemberId))
    throw new NotPossible(`A referral is not escalated to ${to}, which has it already.`);
  const told = {
    update: 'escalate',
    escalated_to: to_role as Role,
    ...person,
  } as const;
  // Both or neither: nobody is told of what has not gone.
  return edge.db.transaction(() => {
    const accepted = keep(edge, { ...submission, content }, { ...handedIn, asked, createdMs: edge.now() });
    submitAbout(edge, thread, told, { ...handedIn, key: null });
    edge.forwards.insert({ ...accepted, of: source ?? { caseId, sender: edge.member, id: thread.id } });
    return accepted;
  });
}

/** What was sent, and corrected since, without what bound its recipient only: an authority is asked to look at it. */
function forAuthority({ referral, followed, ownRole }: Thread): object {
  const { clocks: _, deadline: __, order: ___, ...content } = asCorrected(referral, followed);
  const legal_basis = [LEGAL_BASIS[ownRole] ?? 'gdpr-6-1-c'];
  return { ...content, action: 'assess', force: 'voluntary', legal_basis };
}
