import type { Pack } from '../pack.js';

/** What the rules of a pack read and what they compare it with: values that they do not tell apart need not be tried twice. */
export interface Literals {
  /** By entity type: the words of its closed list that any rule names. */
  readonly words: ReadonlyMap<string, ReadonlySet<string>>;
  /** Attributes of context, facts and members, by their last name. */
  readonly attributes: ReadonlySet<string>;
  readonly numbers: ReadonlySet<number>;
  /** Strings compared with: nations. */
  readonly strings: ReadonlySet<string>;
  /** Days that a rule names. */
  readonly days: ReadonlySet<string>;
  /** Roles that a rule looks for among those who approved. */
  readonly approvers: ReadonlySet<string>;
}

/** @param named words by entity type that someone else names as well */
export function readLiterals(pack: Pack, named: Readonly<Record<string, readonly string[]>> = {}): Literals {
  const words = new Map(Object.entries(named).map(([type, list]) => [type, new Set(list)]));
  const attributes = new Set<string>();
  const numbers = new Set<number>();
  const strings = new Set<string>();
  const approvers = new Set<string>();
  for (const { json } of pack.rules.values()) {
    const { principal, action, resource, conditions } = json;
    walk([principal, action, resource, conditions], (node) => {
      if (isEntity(node)) words.set(node.type, (words.get(node.type) ?? new Set()).add(node.id));
      if (typeof node.attr === 'string') attributes.add(node.attr);
      if (typeof node.Value === 'number') numbers.add(node.Value);
      if (typeof node.Value === 'string') strings.add(node.Value);
      for (const role of approversIn(node)) approvers.add(role);
    });
  }
  const days = new Set([...strings].filter((text) => /^\d{4}-\d{2}-\d{2}/.test(text)));
  return { words, attributes, numbers, strings, days, approvers };
}

/** The words of a question that asks for approvals: `context.approvals.contains(Role::"court")`. */
function approversIn(node: Node): string[] {
  const sides = Object.values(node).flatMap((operand) => {
    const { left, right } = (operand ?? {}) as { left?: Node; right?: Node };
    return left && right ? [left, right] : [];
  });
  const attributes = sides.map((side) => (side['.'] as Node | undefined)?.attr);
  if (!attributes.some((name) => name === 'approvals' || name === 'originApprovals')) return [];
  const roles: string[] = [];
  walk(sides, (inner) => {
    if (isEntity(inner)) roles.push(inner.id);
  });
  return roles;
}

export type Node = Readonly<Record<string, unknown>>;

/** Every object within, from the outside in. */
function walk(value: unknown, see: (node: Node) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) see(value as Node);
  for (const inner of Object.values(value)) walk(inner, see);
}

function isEntity(node: Node): node is { readonly type: string; readonly id: string } {
  return typeof node.type === 'string' && typeof node.id === 'string';
}
