import { type PolicyJson, preparsePolicySet } from './engine.js';
import { PolicyError } from './error.js';

/** By their ids. */
export type Policies = Readonly<Record<string, string | PolicyJson>>;

/** Sets that the engine holds; a gate asks about two dozen of each nation. */
const MOST = 1024;
const held = new Set<string>();

/**
 * Has the engine hold a set of policies under this name. It never lets go of a name, and foreign agencies sign as many packs as they
 * like: what was not asked about for the longest time is replaced by nothing, and parsed again when it is asked about.
 * INVARIANT: called before each question, as a set that the engine does not hold permits nothing.
 * @throws PolicyError `rule-invalid`
 */
export function keepParsed(name: string, policies: () => Policies): void {
  if (!held.delete(name)) parse(name, policies());
  held.add(name);
  if (held.size <= MOST) return;
  const [oldest = name] = held;
  held.delete(oldest);
  parse(oldest, {});
}

function parse(name: string, staticPolicies: Policies): void {
  const answer = preparsePolicySet(name, { staticPolicies });
  if (answer.type === 'failure') throw new PolicyError('rule-invalid', `${answer.errors[0]?.message}`);
}
