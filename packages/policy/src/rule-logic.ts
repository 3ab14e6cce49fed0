import type { CedarValueJson, Clause, PolicyJson } from './engine.js';
import type { Request } from './frame-request.js';

/** A word or a member as one text, `Force::"order"` as `Force::order`; a day in milliseconds; a list of such. */
export type Value = boolean | number | string | readonly (boolean | number | string)[];
/** A part of a question by its path: `action`, `stage`, `facts.category`, `principal.eu`; `principal.in` are role and groups. */
export type Read = (path: string) => Value;

/** What a rule asks, taken apart: its smallest questions, and how the answers are joined. */
export type Logic =
  | { readonly op: 'all'; readonly of: readonly Logic[] }
  | { readonly op: 'not'; readonly of: Logic }
  /** The same name, the same question. */
  | { readonly op: 'ask'; readonly name: string; readonly ask: (read: Read) => boolean };

type Node = Readonly<Record<string, unknown>>;
type Term = (read: Read) => Value;
type Asks = Pick<PolicyJson, 'principal' | 'action' | 'resource' | 'conditions'>;

/**
 * Knows the operators that cannot fail, and no others: a pack of which all rules can be read so never raises an alarm. Two tests
 * compare it with the engine, which has the last word wherever something is decided.
 * @throws Error that names an operator that is not known here
 */
export function logicOf({ principal, action, resource, conditions }: Asks): Logic {
  return {
    op: 'all',
    of: [
      scopeOf('action', action as Scope),
      scopeOf('principal.in', principal as Scope),
      scopeOf('resource.in', resource as Scope),
      ...conditions.map(clauseOf),
    ],
  };
}

export function holds(logic: Logic, read: Read): boolean {
  if (logic.op === 'ask') return logic.ask(read);
  return logic.op === 'not' ? !holds(logic.of, read) : logic.of.every((one) => holds(one, read));
}

/** Reads a question as it goes to the engine. What was read is kept, as many rules ask for the same. */
export function readerOf({ action, context, entities }: Request): Read {
  const [sender, recipient] = entities;
  const members = { principal: sender, resource: recipient };
  const find = (path: string): Value => {
    if (path === 'action') return nameOf(action);
    const [first = '', last = ''] = path.split('.');
    if (first === 'facts') return plain((context.facts as Record<string, CedarValueJson>)[last]);
    const member = members[first as keyof typeof members];
    if (!member) return plain(context[path]);
    return last === 'in' ? plain(member.parents as never) : plain(member.attrs[last]);
  };
  const known = new Map<string, Value>();
  return (path) => {
    const value = known.get(path) ?? find(path);
    known.set(path, value);
    return value;
  };
}

export function plain(value: CedarValueJson | undefined): Value {
  if (Array.isArray(value)) return value.map((one) => plain(one) as string);
  if (typeof value !== 'object' || value === null) return value as Value;
  const { __entity, __extn } = value as { __entity?: Named; __extn?: { arg: string } };
  return __extn ? Date.parse(__extn.arg) : nameOf(__entity ?? (value as unknown as Named));
}

interface Named {
  readonly type: string;
  readonly id: string;
}

/** `Force::order` */
export function nameOf({ type, id }: Named): string {
  return `${type}::${id}`;
}

interface Scope {
  readonly op: string;
  readonly entity?: Named;
  readonly entities?: readonly Named[];
}

function scopeOf(path: string, { op, entity, entities }: Scope): Logic {
  if (op === 'All') return { op: 'all', of: [] };
  const names = [...(entity ? [entity] : []), ...(entities ?? [])].map(nameOf);
  if (!['in', '=='].includes(op) || names.length === 0 || (op === '==' && path !== 'action'))
    throw new Error(`the scope "${op}" is not known here`);
  return asking({ path, names }, (read) => listOf(read(path)).some((one) => names.includes(one as string)));
}

function clauseOf({ kind, body }: Clause): Logic {
  const logic = logicOfBody(body);
  return kind === 'when' ? logic : { op: 'not', of: logic };
}

function logicOfBody(body: unknown): Logic {
  const [operator = '', operand] = Object.entries(body as Node)[0] ?? [];
  const { left, right, arg } = operand as Node;
  if (operator === '!') return { op: 'not', of: logicOfBody(arg) };
  if (operator === '&&') return { op: 'all', of: [logicOfBody(left), logicOfBody(right)] };
  if (operator === '||') {
    const neither = [left, right].map((one): Logic => ({ op: 'not', of: logicOfBody(one) }));
    return { op: 'not', of: { op: 'all', of: neither } };
  }
  if (operator === '.') return asking(body, termOf(body) as (read: Read) => boolean);
  if (operator === 'isEmpty') {
    const list = termOf(arg);
    return asking(body, (read) => !listOf(list(read)).some(() => true));
  }
  if (operator === 'in') return asking(body, isIn(left as Node, termOf(right)));
  const compare = COMPARISONS[operator];
  if (!compare) throw new Error(`the operator "${operator}" is not known here`);
  const [a, b] = [termOf(left), termOf(right)];
  return asking(body, (read) => compare(a(read) as never, b(read) as never));
}

type Values = readonly Value[];

const COMPARISONS: Readonly<Record<string, (a: never, b: never) => boolean>> = {
  '==': (a: Value, b: Value) => isSame(a, b),
  '!=': (a: Value, b: Value) => !isSame(a, b),
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  contains: (a: Values, b: Value) => a.includes(b),
  containsAll: (a: Values, b: Values) => b.every((one) => a.includes(one)),
  containsAny: (a: Values, b: Values) => b.some((one) => a.includes(one)),
};

/** `principal in Group::"host"`, `action in [Action::"remove"]`. */
function isIn(left: Node, names: Term): (read: Read) => boolean {
  const name = left.Var;
  if (typeof name !== 'string' || name === 'context')
    throw new Error('"in" of something else than a member or the action');
  const path = name === 'action' ? 'action' : `${name}.in`;
  return (read) => {
    const wanted = listOf(names(read));
    return listOf(read(path)).some((one) => wanted.includes(one));
  };
}

function termOf(body: unknown): Term {
  const [operator = '', operand] = Object.entries(body as Node)[0] ?? [];
  if (operator === 'Value') {
    const value = plain(operand as CedarValueJson);
    return () => value;
  }
  if (operator === 'Set') {
    const members = (operand as readonly unknown[]).map(termOf);
    return (read) => members.map((member) => member(read) as string);
  }
  if (operator === 'datetime') {
    const [{ Value: day = '' } = {}] = operand as readonly { readonly Value?: string }[];
    const ms = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(day) : Number.NaN;
    if (Number.isNaN(ms)) throw new Error(`only a day is known here, not datetime("${day}")`);
    return () => ms;
  }
  if (operator !== '.') throw new Error(`the operator "${operator}" is not known here`);
  const path = pathOf(operand as Node);
  return (read) => read(path);
}

/** `context.stage`, `context.facts.scope`, `principal.eu`. */
function pathOf({ left, attr }: Node): string {
  const inner = left as Node;
  if (typeof inner.Var === 'string') return inner.Var === 'context' ? `${attr}` : `${inner.Var}.${attr}`;
  if (inner['.'] === undefined)
    throw new Error('an attribute of something else than a member or the context');
  return `${pathOf(inner['.'] as Node)}.${attr}`;
}

/** Sets are equal in any order. */
function isSame(a: Value, b: Value): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.every((one) => b.includes(one)) && b.every((one) => a.includes(one));
}

function listOf(value: Value): Values {
  return Array.isArray(value) ? value : [value as string];
}

function asking(question: unknown, ask: (read: Read) => boolean): Logic {
  return { op: 'ask', name: JSON.stringify(question), ask };
}
