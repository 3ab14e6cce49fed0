import { askCondition } from './ask-engine.js';
import type { Crossing } from './crossing.js';
import { frameRequest, type Request } from './frame-request.js';
import type { Condition, Pack } from './pack.js';
import { holds, readerOf } from './rule-logic.js';

export interface Nearest {
  readonly rule: string;
  readonly lacks: readonly Condition[];
}

/**
 * The permit that a message came closest to. Null: the pack permits nothing at all. What its conditions say is worked out here, as to
 * ask the engine about all of them takes as long as the decision; nothing is decided by it.
 */
export function findNearest(pack: Pack, request: Request): Nearest | null {
  const read = readerOf(request);
  const known = new Map<string, boolean>();
  const isMet = ({ id, logic, policy }: Condition) => {
    const met = known.get(id) ?? (logic ? holds(logic, read) : askCondition(request, { id, policy }));
    known.set(id, met);
    return met;
  };
  const permits = [...pack.rules.values()]
    .filter(({ effect }) => effect === 'permit')
    .map(({ id }) => ({ rule: id, lacks: pack.conditions.filter((one) => one.rule === id && !isMet(one)) }));
  return permits.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

/** The permit that a message came closest to, for whoever tells its sender in another language than English. */
export function nearestPermit(
  pack: Pack,
  crossing: Crossing,
): { readonly rule: string; readonly lacks: readonly string[] } | null {
  const nearest = findNearest(pack, frameRequest(pack, crossing));
  return nearest && { rule: nearest.rule, lacks: nearest.lacks.map(({ text }) => text) };
}

/** What to tell the sender when no rule permits a message and none forbids it. */
export function explainDenial(pack: Pack, nearest: Nearest | null): string {
  const rule = nearest && pack.rules.get(nearest.rule);
  if (!rule) return 'No rule permits this, and the pack permits nothing at all.';
  const lacks = nearest.lacks.map(({ text }) => text).join('; ');
  return `No rule permits this. The closest is "${rule.id}": ${rule.says} It does not apply because this does not hold: ${lacks}`;
}

function distance({ lacks }: Nearest): number {
  return lacks.reduce((sum, { weight }) => sum + weight, 0);
}
