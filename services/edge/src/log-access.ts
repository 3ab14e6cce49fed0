import { createHash } from 'node:crypto';
import { type Access, type Signoff, UNNAMED } from '@entente/contract';
import type { AccessEntry } from './access-log.js';
import type { Edge } from './state.js';

/** Who asks, and why. */
export interface Person {
  /** A pseudonym, `system` or `unnamed`. */
  readonly actor: string;
  readonly justification: string;
}

type About = Partial<Pick<AccessEntry, 'case_id' | 'message_id' | 'detail'>>;

/** A system asks for its lists, and what became of each message, every second: the same question of the same one is one entry a minute. */
const AGAIN_MS = 60_000;
/** As many messages as can wait for their outcome at the same time. */
const MOST_REMEMBERED = 10_000;

/**
 * Puts an access on record.
 *
 * INVARIANT: on disk when this resolves, and called before anything is shown: what nobody has logged, nobody has seen.
 */
export async function logAccess(edge: Edge, person: Person, what: Access, about: About = {}): Promise<void> {
  const question = isFolded(what, about)
    ? `${person.actor} ${what} ${about.detail ?? about.message_id ?? ''} ${digestOf(person.justification)}`
    : undefined;
  if (question !== undefined && isAgain(edge, question)) return;
  const entry = { case_id: '', message_id: '', detail: '', ...about };
  await edge.commit(() => edge.access.add({ at_ms: edge.now(), ...person, what, ...entry }));
  if (question !== undefined) remember(edge, question);
}

/** Of another reason it is another question, and reasons may be long. */
function digestOf(justification: string): string {
  return createHash('sha256').update(justification).digest('base64');
}

/** As an entry has it: nobody is named where nobody was. */
export function signoffWords({ proposedBy, approvedBy }: Signoff): Partial<AccessEntry> {
  if (proposedBy === '' && approvedBy.length === 0) return {};
  return { proposed_by: proposedBy, approved_by: approvedBy };
}

/** Not a view of a case, or of what an inspection has opened, which show what was said: of one message without its content. */
function isFolded(what: Access, { message_id: messageId, detail }: About): boolean {
  const isOfState = what === 'view' && messageId !== undefined && detail === undefined;
  return what === 'search' || what === 'review' || isOfState;
}

function isAgain({ searches, now }: Edge, question: string): boolean {
  const lastMs = searches.get(question);
  return lastMs !== undefined && Math.abs(now() - lastMs) < AGAIN_MS;
}

/** INVARIANT: once its entry is on disk, and not before. */
function remember({ searches, now }: Edge, question: string): void {
  searches.delete(question);
  searches.set(question, now());
  if (searches.size > MOST_REMEMBERED) searches.delete(searches.keys().next().value as string);
}

export const isNamed = ({ actor }: Person): boolean => actor !== UNNAMED;
