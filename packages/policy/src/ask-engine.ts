import { statefulIsAuthorized } from './engine.js';
import type { Request } from './frame-request.js';
import { keepParsed } from './keep-parsed.js';
import type { Condition, Pack } from './pack.js';
import { questionFor, type RuleSet } from './rule-sets.js';

export interface Answer {
  readonly allowed: boolean;
  /** The permits that matched, or the forbids, in the order of the alphabet: the engine's own is not stable. */
  readonly matched: readonly string[];
  /** Not empty: nothing else in this answer may be believed. */
  readonly errors: readonly string[];
}

/** The question is always checked against the schema: a word that is in no closed list is an error, and not a mismatch. */
export function askEngine({ check, rulesFor }: Pick<Pack, 'check' | 'rulesFor'>, request: Request): Answer {
  const problem = check(request);
  if (problem !== undefined) return { allowed: false, matched: [], errors: [problem] };
  return askSet(rulesFor(request.action.id), request);
}

/** Which permits match, whatever forbids it, of a request that `askEngine` has found no fault with. */
export function askPermits({ permitsFor }: Pick<Pack, 'permitsFor'>, request: Request): Answer {
  return askSet(permitsFor(request.action.id), request);
}

/** Whether one condition of a permit holds, of such a request. */
export function askCondition(request: Request, { id, policy }: Pick<Condition, 'id' | 'policy'>): boolean {
  keepParsed(id, () => ({ [id]: policy }));
  return ask(id, request).allowed;
}

function askSet(set: RuleSet, request: Request): Answer {
  keepParsed(set.name, set.policies);
  return ask(set.name, questionFor(set, request));
}

function ask(policySet: string, request: Request): Answer {
  return answerOf({ ...request, preparsedPolicySetId: policySet, validateRequest: false });
}

function answerOf(call: Parameters<typeof statefulIsAuthorized>[0]): Answer {
  const answer = statefulIsAuthorized(call);
  if (answer.type === 'failure') {
    return { allowed: false, matched: [], errors: answer.errors.map(({ message }) => message) };
  }
  const { decision, diagnostics } = answer.response;
  return {
    allowed: decision === 'allow',
    matched: diagnostics.reason.sort(),
    errors: diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`),
  };
}
