import type { PolicyJson } from './engine.js';
import type { frameRequest } from './frame-request.js';

type Request = ReturnType<typeof frameRequest>;
/** Names of the attributes that some policies read; null: a record is read as a whole, so that all are. */
export type Reads = ReadonlySet<string> | null;

/**
 * What policies read of a request. By the last name only: an attribute too many costs time, one too few would make a rule fail.
 */
export function readsOf(policies: readonly PolicyJson[]): Reads {
  const names = new Set<string>();
  const isWhole = policies.some(({ conditions }) => conditions.some(({ body }) => visit(body, false, names)));
  return isWhole ? null : names;
}

/** The request with no more in it than is read: most of a decision's time goes into reading the question. */
export function narrowRequest(request: Request, reads: Reads): Request {
  if (reads === null) return request;
  const keep = <T extends object>(record: T): T =>
    Object.fromEntries(Object.entries(record).filter(([name]) => reads.has(name))) as T;
  const { facts, ...context } = keep(request.context);
  return {
    ...request,
    context: facts === undefined ? context : { ...context, facts: keep(facts as object) as never },
    entities: request.entities.map((entity) => ({ ...entity, attrs: keep(entity.attrs) })),
  };
}

/** @returns whether a record, `context` or `context.facts`, is used otherwise than by one of its attributes */
function visit(node: unknown, isRead: boolean, names: Set<string>): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if (Array.isArray(node)) return node.some((one) => visit(one, false, names));
  return Object.entries(node).some(([operator, operand]) => {
    if (operator === 'Var') return operand === 'context' && !isRead;
    if (operator === 'Value') return false;
    if (operator !== '.' && operator !== 'has') return visit(operand, false, names);
    const { left, attr } = operand as { left: unknown; attr: string };
    names.add(attr);
    return (attr === 'facts' && !isRead) || visit(left, true, names);
  });
}
