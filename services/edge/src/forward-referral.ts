import { isDeepStrictEqual } from 'node:util';
import {
  asCorrected,
  type Content,
  checkContent,
  HANDLING,
  type HandlingCode,
  type MemberId,
  nationOf,
  parseSubmission,
  type Referral,
} from '@entente/contract';
import { findThreads, type Thread } from './find-threads.js';
import type { Edge } from './state.js';
import { type Accepted, findRepeat, type HandedIn, keep } from './submit.js';
import { chooseThread, NotPossible, submitAbout } from './submit-update.js';

export interface ForwardRequest {
  readonly to: string;
  readonly to_role: string;
  /** What changes on the way: another action, another ground, why this recipient needs it; nothing that its originator has bound. */
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
  request: ForwardRequest,
  handedIn: HandedIn,
): Accepted | undefined {
  const asked = { way: 'forward', case_id: caseId, ...request };
  const known = findRepeat(edge, handedIn, asked);
  if (known) return known;
  const { to, to_role, change = {}, in_reply_to: inReplyTo, actor } = request;
  const threads = findThreads(edge, caseId).filter(({ end }) => end === 'recipient');
  if (threads.length === 0) return undefined;
  const thread = chooseThread(threads, inReplyTo);
  checkHandling(thread.referral);
  const content = checkContent({ ...onward(edge, thread), ...change });
  checkChange(asCorrected(thread.referral, thread.followed), content, change);
  const person = actor === undefined ? {} : { actor };
  const submission = parseSubmission({ to, to_role, from_role: thread.ownRole, ...person, content });
  edge.directory().member(to, edge.now());
  if ([edge.member, thread.counterpart].includes(to as MemberId))
    throw new NotPossible(`A referral is not forwarded to ${to}: it came from there, or is there already.`);
  const told = { update: 'forward', forwarded_to: to, ...person } as const;
  // Both or neither: nobody has it without its originator being told.
  return edge.db.transaction(() => {
    const accepted = keep(edge, { ...submission, content }, { ...handedIn, asked, createdMs: edge.now() });
    submitAbout(edge, thread, told, { ...handedIn, key: null });
    edge.forwards.insert({ ...accepted, of: { caseId, sender: thread.counterpart, id: thread.id } });
    return accepted;
  });
}

type Marked = Pick<Referral, 'handling' | 'origin'>;

/** TLP 2.0: these two markings end with the organisation that got them, or with the persons. */
export function mayGoOn({ handling, origin }: Marked): boolean {
  return !['TLP:RED', 'TLP:AMBER+STRICT'].includes(handling) || origin?.onward_consent === true;
}

/** @throws NotPossible */
export function checkHandling(marked: Marked): void {
  if (mayGoOn(marked)) return;
  throw new NotPossible(
    `It is marked ${marked.handling}, which does not let it go on to another organisation. Ask its originator.`,
  );
}

/** Only its originator lets it go further, or be kept longer, and only the country where it came from consents to that. */
export function checkChange(received: Referral, sent: Content, change: object): void {
  if (Object.hasOwn(change, 'origin'))
    throw new NotPossible(
      'Where it came from, and what that country consents to, is not changed on the way.',
    );
  const renamed = otherItem(received, sent);
  if (renamed !== undefined)
    throw new NotPossible(
      `Item ${renamed} came with another address: what was not received goes on under an id of its own.`,
    );
  if (HANDLING.indexOf(sent.handling) > HANDLING.indexOf(received.handling))
    throw new NotPossible(`It came as ${received.handling}, which ${sent.handling} is wider than.`);
  const [came, goes] = [received.handling_code ?? 'none', sent.handling_code ?? 'none'];
  if (!keepsCode(came, goes))
    throw new NotPossible(`It came with the handling code ${came}, which ${goes} does not keep.`);
  if (sent.retention_days > received.retention_days)
    throw new NotPossible(
      `It came to be kept for ${received.retention_days} days, and ${sent.retention_days} are more.`,
    );
}

/** Who corrects an item names it by its id, wherever it has gone. */
function otherItem(received: Referral, { items = [] }: Content): string | undefined {
  const came = new Map<string, object>(received.items.map((item) => [item.id, item]));
  const addressOf = (item: object | undefined) => item && (item as { readonly address?: object }).address;
  return items.find(
    (item) => came.has(item.id) && !isDeepStrictEqual(addressOf(came.get(item.id)), addressOf(item)),
  )?.id;
}

/** H1, H2 and H3 each forbid something else, so that none of them stands for another. */
export function keepsCode(came: HandlingCode, goes: HandlingCode): boolean {
  return came === goes || came === 'none' || (came === 'H0' && goes !== 'none');
}

/** What was received, and corrected since, as this member's own: without what only its sender could say, or only its gates. */
function onward(edge: Edge, thread: Thread): object {
  const { referral, followed } = thread;
  const { clocks: _, deadline: __, own_reference: ___, ...content } = asCorrected(referral, followed);
  const origin = originOf(edge, thread);
  return origin === undefined ? content : { ...content, origin };
}

/** Where the data of a received referral came from, if not from this member's own country. */
export function originOf(edge: Edge, { referral, counterpart }: Thread): Referral['origin'] {
  const nation = nationOf(counterpart as MemberId);
  const isDomestic = nation === nationOf(edge.member);
  return referral.origin ?? (isDomestic ? undefined : { nation, onward_consent: false });
}
