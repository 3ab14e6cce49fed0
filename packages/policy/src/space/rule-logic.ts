import type { Rule } from '../read-rules.js';
import { nameOf, type PartialRequest, plain, Unknown, type Value } from './partial-request.js';

type Node = Readonly<Record<string, unknown>>;
type Ask = (request: PartialRequest) => Value | Unknown;

export interface Logic {
  /** Whether the rule matches; or the choice that has to be made before it can be said. */
  readonly matches: (request: PartialRequest) => boolean | Unknown;
  /** Its smallest questions, with the part of a request that each reads. Where all have the same answer, so has the rule. */
  readonly atoms: readonly { readonly ask: Ask; readonly reads: ReadonlySet<string> }[];
}

/**
 * What a rule asks, as a function that answers as soon as what is known is enough. Knows the operators that cannot fail, and no
 * others: a pack of which all rules can be read so never raises an alarm. A test compares it with the engine.
 * @throws Error that names an operator that is not known here
 */
export function logicOf({ id, json }: Pick<Rule, 'id' | 'json'>): Logic {
  try {
    const { principal, action, resource, conditions } = json;
    const parts = [
      scopeOf('action', action as Scope),
      scopeOf('principal.in', principal as Scope),
      scopeOf('resource.in', resource as Scope),
      ...conditions.map(({ kind, body }) => (kind === 'when' ? read(body) : not(read(body)))),
    ];
    const matches = all(parts) as Logic['matches'];
    return { matches, atoms: conditions.flatMap(({ body }) => atomsOf(body)) };
  } catch (error) {
    throw new Error(`rule "${id}": ${(error as Error).message}`);
  }
}

interface Scope {
  readonly op: string;
  readonly entity?: { readonly type: string; readonly id: string };
  readonly entities?: readonly { readonly type: string; readonly id: string }[];
}

function scopeOf(path: string, { op, entity, entities }: Scope): Ask {
  if (op === 'All') return () => true;
  const names = [...(entity ? [entity] : []), ...(entities ?? [])].map(nameOf);
  if (!['in', '=='].includes(op) || names.length === 0 || (op === '==' && path !== 'action'))
    throw new Error(`the scope "${op}" is not known here`);
  return (request) =>
    when(request.read(path), (value) =>
      Array.isArray(value)
        ? value.some((one) => names.includes(one as string))
        : names.includes(value as string),
    );
}

function read(body: unknown): Ask {
  const [operator = '', operand] = Object.entries(body as Node)[0] ?? [];
  const make = OPERATORS[operator];
  if (!make) throw new Error(`the operator "${operator}" is not known here`);
  return make(operand as never);
}

const OPERATORS: Readonly<Record<string, (operand: never) => Ask>> = {
  Value: (value: never) => constant(plain(value)),
  Set: (members: never) => setOf(members),
  '.': (node: never) => attribute(node),
  '!': ({ arg }: Node) => not(read(arg)),
  '&&': ({ left, right }: Node) => all([read(left), read(right)]),
  '||': ({ left, right }: Node) => not(all([not(read(left)), not(read(right))])),
  '==': (node: never) => both(node, (a, b) => isSame(a, b)),
  '!=': (node: never) => both(node, (a, b) => !isSame(a, b)),
  '>': (node: never) => both(node, (a, b) => a > b),
  '>=': (node: never) => both(node, (a, b) => a >= b),
  '<': (node: never) => both(node, (a, b) => a < b),
  '<=': (node: never) => both(node, (a, b) => a <= b),
  contains: (node: never) => both(node, (a, b) => (a as readonly Value[]).includes(b)),
  containsAll: (node: never) =>
    both(node, (a, b) => (b as readonly Value[]).every((one) => (a as readonly Value[]).includes(one))),
  containsAny: (node: never) =>
    both(node, (a, b) => (b as readonly Value[]).some((one) => (a as readonly Value[]).includes(one))),
  isEmpty: ({ arg }: Node) => {
    const ask = read(arg);
    return (request) => when(ask(request), (value) => (value as readonly Value[]).length === 0);
  },
  in: (node: never) => isIn(node),
};

const CONNECTIVES: readonly string[] = ['&&', '||', '!'];

function atomsOf(body: unknown): Logic['atoms'] {
  const [operator = '', operand] = Object.entries(body as Node)[0] ?? [];
  if (CONNECTIVES.includes(operator)) return Object.values(operand as Node).flatMap(atomsOf);
  return [{ ask: read(body), reads: pathsOf(body) }];
}

function pathsOf(body: unknown): Set<string> {
  const paths = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { '.': attribute, in: within } = node as Node;
    if (attribute !== undefined) return void paths.add(pathOf(attribute as Node));
    const name = ((within as Node | undefined)?.left as Node | undefined)?.Var;
    if (name !== undefined) paths.add(name === 'action' ? 'action' : `${name}.in`);
    for (const inner of Object.values(node)) visit(inner);
  };
  visit(body);
  return paths;
}

function constant(value: Value): Ask {
  return () => value;
}

function setOf(members: readonly unknown[]): Ask {
  const asks = members.map(read);
  return (request) => {
    const values = asks.map((ask) => ask(request));
    const open = values.find((value) => value instanceof Unknown);
    return open ?? (values as string[]);
  };
}

/** `context.stage`, `context.facts.scope`, `principal.eu`. */
function attribute(node: Node): Ask {
  const path = pathOf(node);
  return (request) => request.read(path);
}

function pathOf({ left, attr }: Node): string {
  const inner = left as Node;
  if (typeof inner.Var === 'string') return inner.Var === 'context' ? `${attr}` : `${inner.Var}.${attr}`;
  if (inner['.'] === undefined)
    throw new Error('an attribute of something else than a member or the context');
  return `${pathOf(inner['.'] as Node)}.${attr}`;
}

/** `principal in Group::"host"`, `action in [Action::"remove"]`. */
function isIn({ left, right }: Node): Ask {
  const name = (left as Node).Var;
  if (typeof name !== 'string') throw new Error('"in" of something else than a member or the action');
  const path = name === 'action' ? 'action' : `${name}.in`;
  const wanted = read(right);
  return (request) => {
    const values = request.read(path);
    const names = wanted(request);
    if (values instanceof Unknown) return values;
    if (names instanceof Unknown) return names;
    const list = [names].flat();
    return [values].flat().some((one) => list.includes(one));
  };
}

function both({ left, right }: Node, compare: (a: Value, b: Value) => boolean): Ask {
  const [first, second] = [read(left), read(right)];
  return (request) => {
    const a = first(request);
    if (a instanceof Unknown) return a;
    const b = second(request);
    return b instanceof Unknown ? b : compare(a, b);
  };
}

/** Sets are equal in any order. */
function isSame(a: Value, b: Value): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.every((one) => b.includes(one)) && b.every((one) => a.includes(one));
}

function not(ask: Ask): Ask {
  return (request) => when(ask(request), (value) => !value);
}

/** False as soon as one is false, whatever the others wait for. */
function all(asks: readonly Ask[]): Ask {
  return (request) => {
    let open: Unknown | undefined;
    for (const ask of asks) {
      const value = ask(request);
      if (value === false) return false;
      if (value instanceof Unknown) open ??= value;
    }
    return open ?? true;
  };
}

function when(value: Value | Unknown, then: (value: Value) => Value): Value | Unknown {
  return value instanceof Unknown ? value : then(value);
}
