import type { CedarValueJson, PolicyJson, TypeAndId } from './engine.js';
import type { Request } from './frame-request.js';
import { nameOf } from './rule-logic.js';

/** What of a policy asks for something. */
export type Asks = Pick<PolicyJson, 'principal' | 'action' | 'resource' | 'conditions'>;
type Node = Readonly<Record<string, unknown>>;

/** What some policies read of a request. Null: a record is read as a whole, so that everything in it is. */
export type Reads = {
  /** Attributes, by their last name only: one too many costs time, one too few would make a rule fail. */
  readonly names: ReadonlySet<string>;
  /** Those of them of which more is asked than whether a set holds a certain word, or any. */
  readonly whole: ReadonlySet<string>;
  /** The words that are named, `Treaty::budapest`, groups and roles among them; null: groups are read that no policy names. */
  readonly words: ReadonlySet<string>;
  readonly groups: ReadonlySet<string> | null;
} | null;

export function readsOf(policies: readonly Asks[]): Reads {
  const found: Found = { names: new Set(), whole: new Set(), words: new Set(), isAnyGroup: false };
  let isWhole = false;
  for (const { principal, action, resource, conditions } of policies) {
    for (const scope of [principal, action, resource]) addWords(scope, found.words);
    for (const { body } of conditions) isWhole = visit(body, 'whole', found) || isWhole;
  }
  const { names, whole, words, isAnyGroup } = found;
  return isWhole ? null : { names, whole, words, groups: isAnyGroup ? null : words };
}

/**
 * The request with no more in it than is read: most of a decision's time goes into the engine's reading of the question, and most of
 * that into words.
 */
export function narrowRequest(request: Request, reads: Reads): Request {
  if (reads === null) return request;
  const { names, whole, words, groups } = reads;
  const keep = <T extends object>(record: T): T =>
    Object.fromEntries(
      Object.entries(record)
        .filter(([name]) => names.has(name))
        .map(([name, value]) => [name, whole.has(name) ? value : narrowSet(value, words)]),
    ) as T;
  const { facts, ...context } = keep(request.context);
  return {
    ...request,
    context: facts === undefined ? context : { ...context, facts: keep(facts as object) as never },
    entities: request.entities.map(({ uid, attrs, parents }) => ({
      uid,
      attrs: keep(attrs),
      parents: groups ? parents.filter((one) => groups.has(nameOf(one as TypeAndId))) : parents,
    })),
  };
}

/** The words that are asked for; where there is none of them one that is not, so that the set is no more empty than it was. */
function narrowSet(value: CedarValueJson, words: ReadonlySet<string>): CedarValueJson {
  if (!Array.isArray(value)) return value;
  const named = value.filter((one) => {
    const { __entity } = one as { readonly __entity?: TypeAndId };
    return __entity === undefined || words.has(nameOf(__entity));
  });
  return named.length > 0 ? named : value.slice(0, 1);
}

interface Found {
  readonly names: Set<string>;
  readonly whole: Set<string>;
  readonly words: Set<string>;
  isAnyGroup: boolean;
}

/** How a node is used: as a record of which one attribute is read, as a set that is asked for words, or in any other way. */
type Use = 'attribute' | 'set' | 'whole';

/** @returns whether a record, `context` or `context.facts`, is used otherwise than by one of its attributes */
function visit(node: unknown, use: Use, found: Found): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if (Array.isArray(node)) return node.map((one) => visit(one, 'whole', found)).includes(true);
  return Object.entries(node as Node)
    .map(([operator, operand]) => visitOperator(operator, operand as Node, use, found))
    .includes(true);
}

function visitOperator(operator: string, operand: Node, use: Use, found: Found): boolean {
  if (operator === 'Var') return (operand as unknown) === 'context' && use !== 'attribute';
  if (operator === 'Value') return addWords(operand, found.words);
  const { left, right, arg, attr } = operand;
  if (operator === '.' || operator === 'has') {
    found.names.add(attr as string);
    if (use === 'whole') found.whole.add(attr as string);
    return (attr === 'facts' && use !== 'attribute') || visit(left, 'attribute', found);
  }
  if (operator === 'isEmpty') return visit(arg, 'set', found);
  if (operator === 'in' && !isLiteral(right)) found.isAnyGroup = true;
  const isAsked = ['contains', 'containsAny', 'containsAll'].includes(operator) && isLiteral(right);
  if (isAsked) return [visit(left, 'set', found), visit(right, 'whole', found)].includes(true);
  return visit(operand, 'whole', found);
}

export function isLiteral(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  const { Value, Set: members } = node as { readonly Value?: unknown; readonly Set?: readonly unknown[] };
  return Value !== undefined || (members?.every(isLiteral) ?? false);
}

/** Of a value or a scope. @returns false, as it uses no record */
function addWords(node: unknown, words: Set<string>): false {
  if (typeof node !== 'object' || node === null) return false;
  const { type, id } = node as Partial<TypeAndId>;
  if (type !== undefined && id !== undefined) words.add(nameOf({ type, id }));
  for (const one of Object.values(node)) addWords(one, words);
  return false;
}
