import type { PolicyJson, TypeAndId } from './engine.js';
import type { Request } from './frame-request.js';
import { type Asks, isLiteral } from './narrow-request.js';
import { nameOf } from './rule-logic.js';

/** Who takes part and what is done: the engine names them itself, and as entities. */
const PARTS = ['Member', 'Action'];

/**
 * The types whose words stay entities: of what takes part, and those of which rules may ask more than their name, in a scope or with
 * `in`. Null: all types, as it is only an evaluation that shows what is asked, or as JSON would not keep a number or a field.
 */
export function entityTypesOf(policies: readonly Asks[]): ReadonlySet<string> | null {
  const types = new Set(PARTS);
  let isAny = false;
  for (const { principal, action, resource, conditions } of policies) {
    for (const scope of [principal, action, resource]) addTypes(scope, types);
    walk(conditions, (operator, operand) => {
      isAny ||= isLost(operator, operand);
      if (operator !== 'in' && operator !== 'is') return;
      const { left, right } = operand as {
        readonly left?: { readonly Var?: string };
        readonly right?: unknown;
      };
      if (operator === 'is' || left?.Var === undefined || !isLiteral(right)) isAny = true;
      addTypes(right, types);
    });
  }
  return isAny ? null : types;
}

/** Whether JSON rounds a number, or takes the field of a record for something else; or whether a text is like a word that is spelled. */
function isLost(operator: string, operand: unknown): boolean {
  if (typeof operand === 'number') return !Number.isSafeInteger(operand);
  if (typeof operand === 'string') return operator === 'Value' && operand.includes('::');
  return operator === 'Record' && Object.keys(operand as object).some((name) => name.startsWith('__'));
}

/**
 * The request with each word of the other types as a text, `Category::csam`, which takes the engine less time to read than an
 * entity; reading the question is a large part of a decision. Rules that are spelled as well find the same words equal.
 */
export function spellRequest(request: Request, entityTypes: ReadonlySet<string> | null): Request {
  if (entityTypes === null) return request;
  return {
    ...request,
    context: spell(request.context, entityTypes),
    entities: request.entities.map((one) => ({ ...one, attrs: spell(one.attrs, entityTypes) })),
  };
}

/** A policy that says the same of a spelled request. What its author wrote about it, the engine need not read. */
export function spellPolicy(policy: PolicyJson, entityTypes: ReadonlySet<string>): PolicyJson {
  const { annotations: _, ...rest } = policy;
  return { ...rest, conditions: spell(policy.conditions, entityTypes) };
}

function spell<T>(value: T, entityTypes: ReadonlySet<string>): T {
  return spellAny(value, entityTypes) as T;
}

function spellAny(value: unknown, entityTypes: ReadonlySet<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => spellAny(one, entityTypes));
  const { __entity } = value as { readonly __entity?: TypeAndId };
  if (__entity !== undefined) return entityTypes.has(__entity.type) ? value : nameOf(__entity);
  const spelled: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(value)) spelled[name] = spellAny(one, entityTypes);
  return spelled;
}

function addTypes(node: unknown, types: Set<string>): void {
  walk(node, (key, value) => {
    if ((key === 'type' || key === 'entity_type') && typeof value === 'string') types.add(value);
  });
}

function walk(node: unknown, visit: (key: string, value: unknown) => void): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    visit(key, value);
    walk(value, visit);
  }
}
