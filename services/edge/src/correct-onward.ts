import { HANDLING, type HandlingCode, type Referral, type Update } from '@entente/contract';
import type { AboutReferral } from './case-store.js';
import { findReceived, findSent, type Thread } from './find-threads.js';
import { keepsCode, mayGoOn, originOf } from './forward-referral.js';
import { sayOnward } from './say-onward.js';
import type { Edge } from './state.js';
import type { UpdateRequest } from './submit-update.js';

/**
 * What was corrected here is corrected wherever this member has sent it on, in the words of who corrected it (GDPR Art. 19), as far as
 * their handling lets them go there.
 *
 * INVARIANT: in the transaction that keeps the correction, so that none is kept and forgotten. While the outbox is full it is not kept,
 * and comes again.
 * @param id the message that corrects
 */
export function correctOnward(edge: Edge, about: AboutReferral, id: string): void {
  const forwards = edge.forwards.of(about);
  const thread = forwards.length === 0 ? undefined : findReceived(edge, about);
  const correction = thread && correctionsIn(thread).find((one) => one.id === id)?.content;
  if (!thread || !correction || !maySayOn(thread, correction)) return;
  for (const forward of forwards)
    sayOnward(edge, forward, (there) => onward(edge, thread, correction, there));
}

/** The corrections of what was sent on that stay here, because of their handling. */
export function keptBack(edge: Edge, thread: Thread): string[] {
  const about = { caseId: thread.caseId, sender: thread.counterpart, id: thread.id };
  if (thread.end !== 'recipient') return [];
  const there = edge.forwards.of(about).flatMap(({ id }) => findSent(edge, id) ?? []);
  if (there.length === 0) return [];
  const isKept = (said: Update) =>
    !maySayOn(thread, said) ||
    there.some(({ referral }) => narrowerCode(said.handling_code, referral.handling_code) === undefined);
  return correctionsIn(thread).flatMap(({ id, content }) => (isKept(content) ? [id] : []));
}

function correctionsIn({ said, followed }: Thread) {
  return said.filter(
    ({ id, content }) =>
      content.update === 'correct' && !followed.withoutEffect.some((other) => other.id === id),
  );
}

/** What its country has agreed to for the referral it has agreed to for what is said of it. */
function maySayOn({ referral }: Thread, { handling, origin = referral.origin }: Update): boolean {
  return mayGoOn({ handling, ...(origin ? { origin } : {}) });
}

type Said = Omit<UpdateRequest, 'in_reply_to' | 'actor'>;

/** The same of the referral that was sent on: as narrow as it and the correction, of the items that went, without what only its sender could say. */
function onward(edge: Edge, from: Thread, said: Update, { referral }: Thread): Said | undefined {
  const { text, language, accuracy, retention_days, items } = said;
  const code = narrowerCode(said.handling_code, referral.handling_code);
  const went = new Set(referral.items.map(({ id }) => id));
  const corrected = items?.filter(({ id }) => went.has(id)).map(({ id }) => ({ id, ...addressOf(from, id) }));
  if (code === undefined || corrected?.length === 0) return undefined;
  const origin = said.origin ?? originOf(edge, from);
  return {
    update: 'correct',
    handling: narrowerHandling(said.handling, referral.handling),
    retention_days: Math.min(retention_days, referral.retention_days),
    ...(code === 'none' ? {} : { handling_code: code }),
    ...(origin ? { origin } : {}),
    ...(text === undefined ? {} : { text }),
    ...(language === undefined ? {} : { language }),
    ...(accuracy === undefined ? {} : { accuracy }),
    ...(corrected ? { items: corrected } : {}),
  };
}

/** As it is by all that was said till now: of two corrections the later one counts, whichever comes last. */
function addressOf({ followed }: Thread, item: string) {
  const address = followed.items.find(({ id }) => id === item)?.correctedTo;
  return address === undefined ? {} : { address };
}

function narrowerHandling(...both: readonly Referral['handling'][]): Referral['handling'] {
  const [narrower] = [...both].sort((one, other) => HANDLING.indexOf(one) - HANDLING.indexOf(other));
  if (narrower === undefined) throw new Error('there is no handling');
  return narrower;
}

/** undefined: each forbids something that the other one allows. */
function narrowerCode(one: HandlingCode = 'none', other: HandlingCode = 'none'): HandlingCode | undefined {
  if (keepsCode(one, other)) return other;
  return keepsCode(other, one) ? one : undefined;
}
