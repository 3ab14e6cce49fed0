import { hex } from '../history/hex.js';
import { createHistogram, type Durations } from './histogram.js';
import { createRows } from './rows.js';
import type { Counter, Seen } from './seen.js';

/** What the borders decided. */
export interface Decisions {
  /** Messages by what each border decided last. */
  readonly decisions: readonly DecisionCount[];
  readonly refusals: readonly RefusalCount[];
  readonly holds: {
    readonly held: number;
    readonly ended: Readonly<Record<string, number>>;
    /** Held, and no word of an end. */
    readonly waiting: { readonly count: number; readonly sinceMs: number | null };
    readonly waited: Durations;
  };
  /** Personal data that left a nation, by ground (GDPR Art. 30 and 49(6); LED Art. 37(3), 38(3), 39(4)). */
  readonly transfers: readonly TransferCount[];
}

export interface DecisionCount {
  readonly nation: string;
  readonly way: string;
  readonly category: string;
  readonly action: string;
  readonly decision: string;
  readonly count: number;
}

export interface RefusalCount {
  readonly nation: string;
  readonly rule: string;
  readonly basis: string;
  readonly count: number;
}

export interface TransferCount {
  readonly way: string;
  readonly category: string;
  readonly basis: string;
  readonly classes: string;
  readonly count: number;
}

export function createDecisionCounter(): Counter & { readonly decisions: () => Decisions } {
  const decisions = createRows<Omit<DecisionCount, 'count'>>();
  const refusals = createRows<Omit<RefusalCount, 'count'>>();
  const transfers = createRows<Omit<TransferCount, 'count'>>();
  const heldSince = new Map<string, number>();
  const ended = new Map<string, number>();
  const waited = createHistogram();
  let held = 0;

  const refuse = ({ nation, record: { verdict } }: Seen) => {
    const rules = verdict?.rules ?? [];
    if (rules.length === 0) refusals.add({ nation, rule: verdict?.code || 'no rule permits it', basis: '' });
    for (const { id, basis } of rules) refusals.add({ nation, rule: id, basis });
  };
  const endHold = ({ atMs, record: { step } }: Seen, place: string, decision: string) => {
    const since = heldSince.get(place);
    if (step === 'first' || since === undefined) return;
    heldSince.delete(place);
    waited.add(atMs - since);
    const how = step === 'overdue' ? 'overdue' : decision;
    ended.set(how, (ended.get(how) ?? 0) + 1);
  };
  const cross = (seen: Seen) => {
    const { nation, way, atMs, record, header } = seen;
    const { category = '', action = '', dataClasses = [] } = header.facts ?? {};
    const decision = record.verdict?.decision ?? '';
    const place = `${hex(record.messageHash)} ${record.stage}`;
    if (decision === 'hold') {
      if (seen.isLater) return;
      held += 1;
      heldSince.set(place, atMs);
      return;
    }
    endHold(seen, place, decision);
    if (seen.isLater) return;
    decisions.add({ nation, way, category, action, decision });
    if (decision === 'refuse') return refuse(seen);
    if (record.stage !== 'leave') return;
    const basis = record.verdict?.rules.map((rule) => rule.basis).join('; ') ?? '';
    transfers.add({ way, category, basis, classes: dataClasses.join(', ') });
  };

  const waiting = () => {
    const [sinceMs = null] = [...heldSince.values()].sort((a, b) => a - b);
    return { count: heldSince.size, sinceMs };
  };

  return {
    see: (seen) => {
      if (seen.record.event === 'crossing') cross(seen);
      else if (seen.record.event === 'rejection' && !seen.isLater) refuse(seen);
    },
    // What waits is few, and is told however long it waits.
    forget: () => undefined,
    decisions: () => ({
      decisions: decisions.list(),
      refusals: refusals.list(),
      holds: { held, ended: Object.fromEntries(ended), waiting: waiting(), waited: waited.summary() },
      transfers: transfers.list(),
    }),
  };
}
