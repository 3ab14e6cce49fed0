import { statefulIsAuthorized } from './engine.js';
import type { frameRequest } from './frame-request.js';

export interface Answer {
  readonly allowed: boolean;
  /** The permits that matched, or the forbids, in the order of the alphabet: the engine's own is not stable. */
  readonly matched: readonly string[];
  /** Not empty: nothing else in this answer may be believed. */
  readonly errors: readonly string[];
}

type Request = ReturnType<typeof frameRequest>;

/** The request is always checked against the schema: a word that is in no closed list is an error, not a mismatch. */
export function askEngine(policySet: string, schema: string, request: Request): Answer {
  return answerOf({
    ...request,
    preparsedPolicySetId: policySet,
    preparsedSchemaName: schema,
    validateRequest: true,
  });
}

/** For explanations, about a request that `askEngine` has found no fault with: cheaper, as nothing is checked again. */
export function askAgain(policySet: string, request: Request): Answer {
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
