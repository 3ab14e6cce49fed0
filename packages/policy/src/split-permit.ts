import { createHash } from 'node:crypto';
import { type Clause, type PolicyJson, policyToText } from './engine.js';
import { PolicyError } from './error.js';
import type { Condition } from './pack.js';
import type { Rule } from './read-rules.js';
import { remembering } from './remember.js';
import { type Logic, logicOf } from './rule-logic.js';

const ANY: PolicyJson = {
  effect: 'permit',
  principal: { op: 'All' },
  action: { op: 'All' },
  resource: { op: 'All' },
  conditions: [],
};

/** A rule about other people or another action is further away than one with a condition that was not met. */
const SCOPE_WEIGHT = 3;

/**
 * Each condition of a permit as a permit of its own, so that it can be said which of them a message met.
 * For explanations only: the decision itself is always taken over whole rules.
 */
export function splitPermit(rule: Rule): Condition[] {
  const { principal, action, resource, conditions } = rule.json;
  const scopes: PolicyJson[] = [
    { ...ANY, principal },
    { ...ANY, action },
    { ...ANY, resource },
  ].filter((_, index) => [principal, action, resource][index]?.op !== 'All');
  const clauses = conditions.flatMap(conjuncts).map((clause) => ({ ...ANY, conditions: [clause] }));
  return [...scopes, ...clauses].map((policy) => ({
    id: createHash('sha256').update(JSON.stringify(policy)).digest('hex'),
    rule: rule.id,
    get text() {
      return textOf(rule, policy);
    },
    weight: policy.conditions.length === 0 ? SCOPE_WEIGHT : 1,
    logic: knownLogic(policy),
    policy,
  }));
}

function knownLogic(policy: PolicyJson): Logic | null {
  try {
    return logicOf(policy);
  } catch {
    return null;
  }
}

function conjuncts(clause: Clause): Clause[] {
  if (clause.kind === 'when' && '&&' in clause.body) {
    const { left, right } = clause.body['&&'] as { left: Clause['body']; right: Clause['body'] };
    return [left, right].flatMap((body) => conjuncts({ kind: 'when', body }));
  }
  return [clause];
}

const writtenOut = remembering((json) => policyToText(JSON.parse(json)));

function textOf(rule: Rule, policy: PolicyJson): string {
  const answer = writtenOut(JSON.stringify(policy));
  if (answer.type === 'failure') {
    throw new PolicyError('rule-invalid', `${rule.file}: "${rule.id}": ${answer.errors[0]?.message}`);
  }
  const [, scope = '', body] =
    /^permit\s*\((.*?)\)(?: (?:when|unless) \{ (.*) \})?;$/s.exec(answer.text) ?? [];
  if (body === undefined)
    return shorten(scope.split(/, (?=principal|action|resource)/).find(isNarrowed) ?? scope);
  return policy.conditions[0]?.kind === 'unless' ? `not ${shorten(body)}` : shorten(body);
}

function isNarrowed(scope: string): boolean {
  return scope.includes(' ');
}

/** `context.facts.force == Force::"order"` reads `force is "order"`. */
function shorten(text: string): string {
  return text
    .replaceAll(/\b[A-Z]\w*::(?=")/g, '')
    .replaceAll('context.facts.', '')
    .replaceAll('context.', '')
    .replaceAll(/\bprincipal\b/g, 'sender')
    .replaceAll(/\bresource\b/g, 'recipient')
    .replaceAll(' == ', ' is ')
    .replaceAll(' != ', ' is not ');
}
