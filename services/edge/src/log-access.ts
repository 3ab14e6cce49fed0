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

/** A system asks for its lists every second: the same question of the same one is one entry a minute. */
const AGAIN_MS = 60_000;
const MOST_REMEMBERED = 1000;
const FOLDED: readonly Access[] = ['search', 'review'];

/**
 * Puts an access on record.
 *
 * INVARIANT: on disk when this resolves, and called before anything is shown: what nobody has logged, nobody has seen.
 */
export async function logAccess(edge: Edge, person: Person, what: Access, about: About = {}): Promise<void> {
  if (FOLDED.includes(what) && isAgain(edge, `${person.actor} ${what} ${about.detail ?? ''}`)) return;
  const entry = { case_id: '', message_id: '', detail: '', ...about };
  await edge.commit(() => edge.access.add({ at_ms: edge.now(), ...person, what, ...entry }));
}

/** As an entry has it: nobody is named where nobody was. */
export function signoffWords({ proposedBy, approvedBy }: Signoff): Partial<AccessEntry> {
  if (proposedBy === '' && approvedBy.length === 0) return {};
  return { proposed_by: proposedBy, approved_by: approvedBy };
}

function isAgain({ searches, now }: Edge, question: string): boolean {
  const lastMs = searches.get(question);
  if (lastMs !== undefined && Math.abs(now() - lastMs) < AGAIN_MS) return true;
  searches.delete(question);
  searches.set(question, now());
  if (searches.size > MOST_REMEMBERED) searches.delete(searches.keys().next().value as string);
  return false;
}

export const isNamed = ({ actor }: Person): boolean => actor !== UNNAMED;
