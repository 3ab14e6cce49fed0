import { type Content, checkContent, parseSubmission, type Update, whyNot } from '@entente/contract';
import { findThreads, type Thread } from './find-threads.js';
import type { Edge } from './state.js';
import { type Accepted, findRepeat, type HandedIn, keep } from './submit.js';
import { endUnsent } from './take-back.js';

/** What a desk says about a referral; the rest of an update follows from the referral, unless it is said. */
export type UpdateRequest = Pick<Update, 'update'> &
  Partial<Omit<Update, 'update' | 'category' | 'action' | 'force'>> & {
    /** The referral's message, where the case has more than one. */
    readonly in_reply_to?: string;
    readonly actor?: string;
  };

/** The referral does not allow this now, or it is not said which referral is meant. */
export class NotPossible extends Error {}

/**
 * Takes an update from the member's own system; from here on it is a message like any other.
 * @returns undefined if the case is not known here
 * @throws NotPossible; Rejection `content-invalid`, `content-forbidden`; IdempotencyConflict
 */
export function submitUpdate(
  edge: Edge,
  caseId: string,
  request: UpdateRequest,
  handedIn: HandedIn,
): Accepted | undefined {
  const { in_reply_to: inReplyTo, ...said } = request;
  const asked = { way: 'update', case_id: caseId, ...request };
  // The same request again, after an answer that got lost, is not a second update, whatever has happened to the referral since.
  const known = findRepeat(edge, handedIn, asked);
  if (known) return known;
  const threads = findThreads(edge, caseId);
  if (threads.length === 0) return undefined;
  return submitAbout(edge, chooseThread(threads, inReplyTo), said, { ...handedIn, asked });
}

/** The same about one referral, as it is now. */
export function submitAbout(
  edge: Edge,
  thread: Thread,
  { actor, ...said }: Omit<UpdateRequest, 'in_reply_to'>,
  handedIn: HandedIn,
): Accepted {
  const content = contentOf(thread, said);
  const submission = parseSubmission({
    to: thread.counterpart,
    to_role: thread.theirRole,
    from_role: thread.ownRole,
    case_id: thread.caseId,
    in_reply_to: thread.id,
    ...(actor === undefined ? {} : { actor }),
    content,
  });
  const why = whyNot(thread.referral, thread.followed, thread.end, content as Update);
  if (why !== undefined) throw new NotPossible(why);
  // What was said may have ended a clock, or started one again.
  if (thread.end === 'originator') edge.outbox.lookAt(thread.id, edge.now());
  return edge.db.transaction(() => {
    const createdMs = nextIssue(edge, thread);
    const accepted = keep(edge, { ...submission, content }, { ...handedIn, createdMs });
    if (accepted.isNew && content.update === 'recall') endUnsent(edge, thread.caseId, thread.id);
    return accepted;
  });
}

/** @throws NotPossible where it is not said which one is meant */
export function chooseThread(threads: readonly Thread[], inReplyTo: string | undefined): Thread {
  const chosen = inReplyTo === undefined ? threads : threads.filter(({ id }) => id === inReplyTo);
  const [only, other] = chosen;
  if (only && !other) return only;
  const ids = threads.map(({ id, referral }) => `${id} (${referral.action})`).join(', ');
  throw new NotPossible(`Say in in_reply_to which referral of this case it is about: ${ids}.`);
}

function contentOf(
  { referral, ownRole }: Thread,
  said: Omit<UpdateRequest, 'in_reply_to' | 'actor'>,
): Content {
  const { category, purpose, handling, urgency, retention_days } = referral;
  const usual = {
    ...{ category, action: 'inform', force: 'voluntary', purpose, handling, urgency, retention_days },
    legal_basis: [LEGAL_BASIS[ownRole] ?? 'gdpr-6-1-c'],
  };
  return checkContent({ ...usual, ...said });
}

/** On what each usually rests an answer: what the law asks of a provider, and the task of an authority or a hotline. */
export const LEGAL_BASIS: Readonly<Record<string, string>> = {
  hotline: 'gdpr-6-1-f',
  regulator: 'gdpr-6-1-e',
  police: 'led-8',
  prosecutor: 'led-8',
  court: 'led-8',
  ministry: 'led-8',
};

/** After all that this end knows of, even if the other end's clock is ahead: an answer never comes before its question. */
function nextIssue(edge: Edge, { said }: Thread): number {
  return Math.max(edge.now(), ...said.map(({ issuedAtMs }) => issuedAtMs + 1));
}
