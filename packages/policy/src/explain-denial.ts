import { askConditions } from './ask-engine.js';
import type { Crossing } from './crossing.js';
import { frameRequest } from './frame-request.js';
import type { Condition, Pack } from './pack.js';
import type { Rule } from './read-rules.js';

export interface Nearest {
  readonly rule: string;
  /** Empty: this permit matches. */
  readonly lacks: readonly Condition[];
}

/** The permits that match, and the one that a message came closest to. Null: the pack permits nothing at all. */
export function findNearest(
  pack: Pack,
  request: ReturnType<typeof frameRequest>,
): { readonly nearest: Nearest | null; readonly matching: readonly Rule[] } {
  const { matched } = askConditions(pack, request);
  const met = new Set(matched);
  const permits = [...pack.rules.values()]
    .filter(({ effect }) => effect === 'permit')
    .map(({ id }) => ({ rule: id, lacks: pack.conditions.filter((c) => c.rule === id && !met.has(c.id)) }));
  const nearest = permits.sort((a, b) => distance(a) - distance(b))[0] ?? null;
  const matching = permits
    .filter(({ lacks }) => lacks.length === 0)
    .map(({ rule }) => pack.rules.get(rule))
    .filter((rule) => rule !== undefined);
  return { nearest, matching };
}

/** The permit that a message came closest to, for whoever tells its sender in another language than English. */
export function nearestPermit(
  pack: Pack,
  crossing: Crossing,
): { readonly rule: string; readonly lacks: readonly string[] } | null {
  const { nearest } = findNearest(pack, frameRequest(pack, crossing));
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
