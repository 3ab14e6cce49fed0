import { nationOf, type wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import type { LogSource } from '../history/log-source.js';
import { mergeLogs } from '../history/merge-logs.js';
import type { LoggedEntry } from '../history/read-log.js';
import { hex } from '../history/replay.js';
import { createOutcomeCounter, type Outcomes } from './count-outcomes.js';
import { createHistogram, type Durations, type Histogram } from './histogram.js';

/** What the logs of some nations say of a time, in counts. */
export interface Statistics {
  readonly nations: readonly string[];
  /** ISO times; null: not limited. */
  readonly from: string | null;
  readonly to: string | null;
  /** Referrals by what each border decided last. */
  readonly decisions: readonly DecisionCount[];
  readonly refusals: readonly RefusalCount[];
  readonly holds: {
    readonly held: number;
    readonly ended: Readonly<Record<string, number>>;
    readonly waited: Durations;
  };
  readonly legs: readonly ({ readonly leg: string; readonly way: string } & Durations)[];
  /** Personal data that left a nation, by ground (GDPR Art. 30 and 49(6); LED Art. 37(3), 38(3), 39(4)). */
  readonly transfers: readonly TransferCount[];
  readonly outcomes: Outcomes;
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

export interface Period {
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** A message that nothing more is heard of is forgotten then: longer than that no message lives. */
const FORGET_AFTER_MS = 60 * 86_400_000;
const FORGET_EVERY = 10_000;

/** Counts from the logs alone. What was said, and who a person is, stands in none of them. */
export async function collectStatistics(
  sources: readonly LogSource[],
  { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY }: Period = {},
): Promise<Statistics> {
  const state = createState();
  let seen = 0;
  await mergeLogs(sources, (source, entry) => {
    const { timeMs } = entry.leaf;
    if (timeMs < fromMs || timeMs >= toMs) return;
    count(state, source.nation, entry);
    seen += 1;
    if (seen % FORGET_EVERY === 0) forget(state, timeMs - FORGET_AFTER_MS);
  });
  const iso = (ms: number) => (Number.isFinite(ms) ? new Date(ms).toISOString() : null);
  return {
    nations: sources.map(({ nation }) => nation),
    from: iso(fromMs),
    to: iso(toMs),
    decisions: rowsOf(state.decisions),
    refusals: rowsOf(state.refusals),
    holds: { held: state.held, ended: Object.fromEntries(state.ended), waited: state.waited.summary() },
    legs: [...state.legs].map(([key, { histogram }]) => {
      const [leg = '', way = ''] = key.split('|');
      return { leg, way, ...histogram.summary() };
    }),
    transfers: rowsOf(state.transfers),
    outcomes: state.outcomes.outcomes(),
  };
}

type Row<T> = Map<string, { readonly row: Omit<T, 'count'>; count: number }>;
type State = ReturnType<typeof createState>;

function createState() {
  return {
    decisions: new Map() as Row<DecisionCount>,
    refusals: new Map() as Row<RefusalCount>,
    transfers: new Map() as Row<TransferCount>,
    legs: new Map<string, { readonly histogram: Histogram }>(),
    held: 0,
    ended: new Map<string, number>(),
    waited: createHistogram(),
    /** By message hash: when and where it was last on its way; and since when it is held there. */
    left: new Map<string, { readonly atMs: number; readonly way: string }>(),
    heldSince: new Map<string, number>(),
    outcomes: createOutcomeCounter(),
  };
}

function count(state: State, nation: string, { leaf, record }: LoggedEntry): void {
  const header = record && !record.adoption ? unlessUnreadable(record.seal) : undefined;
  if (!record || !header) return;
  const way = `${nationOf(header.from)} → ${nationOf(header.to)}`;
  if (record.event === 'crossing') countCrossing(state, nation, way, leaf.timeMs, record, header);
  else if (record.event === 'rejection') countRefusal(state, nation, record);
  else if (record.event === 'evidence') countEvidence(state, leaf.timeMs, record, header);
}

function countCrossing(
  state: State,
  nation: string,
  way: string,
  atMs: number,
  record: wire.RecordFrame,
  header: wire.HeaderFrame,
): void {
  const { facts } = header;
  const { stage, step, verdict } = record;
  const { category = '', action = '', dataClasses = [] } = facts ?? {};
  const decision = verdict?.decision ?? '';
  const place = `${hex(record.messageHash)} ${stage}`;
  if (decision === 'hold') {
    state.held += 1;
    state.heldSince.set(place, atMs);
    return;
  }
  if (step !== 'first') endHold(state, place, atMs, step === 'overdue' ? 'overdue' : decision);
  add(state.decisions, { nation, way, category, action, decision });
  if (decision === 'refuse') {
    countRefusal(state, nation, record);
    return;
  }
  if (stage === 'leave') {
    state.left.set(hex(record.messageHash), { atMs, way });
    const basis = verdict?.rules.map((rule) => rule.basis).join('; ') ?? '';
    add(state.transfers, { way, category, basis, classes: dataClasses.join(', ') });
  }
  if (stage === 'inside') state.left.set(hex(record.messageHash), { atMs, way });
  if (stage !== 'enter') state.outcomes.crossed(atMs, header);
  const left = state.left.get(hex(record.messageHash));
  if (stage === 'enter' && left) addLeg(state, 'gate to gate', way, atMs - left.atMs);
}

function endHold(state: State, place: string, atMs: number, how: string): void {
  const since = state.heldSince.get(place);
  if (since === undefined) return;
  state.heldSince.delete(place);
  state.waited.add(atMs - since);
  state.ended.set(how, (state.ended.get(how) ?? 0) + 1);
}

function countRefusal(state: State, nation: string, { verdict }: wire.RecordFrame): void {
  const rules = verdict?.rules ?? [];
  if (rules.length === 0)
    add(state.refusals, { nation, rule: verdict?.code || 'no rule permits it', basis: '' });
  for (const { id, basis } of rules) add(state.refusals, { nation, rule: id, basis });
}

/** The first entry of the recipient's word ends the way: it is older than the sender's hearing of it. */
function countEvidence(state: State, atMs: number, record: wire.RecordFrame, header: wire.HeaderFrame): void {
  if (header.statement?.evidence !== 'delivered' || record.stage === 'enter') return;
  state.outcomes.delivered(
    atMs,
    header.from,
    header.statement.about.map(({ messageId }) => messageId),
  );
  for (const { messageHash } of header.statement.about) {
    const left = state.left.get(hex(messageHash));
    if (!left) continue;
    state.left.delete(hex(messageHash));
    addLeg(state, 'first gate to delivery', left.way, atMs - left.atMs);
  }
}

function addLeg(state: State, leg: string, way: string, ms: number): void {
  const key = `${leg}|${way}`;
  const known = state.legs.get(key) ?? { histogram: createHistogram() };
  state.legs.set(key, known);
  known.histogram.add(ms);
}

function add<T>(rows: Row<T>, row: Omit<T, 'count'>): void {
  const key = JSON.stringify(row);
  const known = rows.get(key) ?? { row, count: 0 };
  rows.set(key, known);
  known.count += 1;
}

function rowsOf<T>(rows: Row<T>): T[] {
  return [...rows.values()]
    .sort((a, b) => b.count - a.count)
    .map(({ row, count: counted }) => ({ ...row, count: counted }) as T);
}

function forget({ left, heldSince, outcomes }: State, beforeMs: number): void {
  outcomes.forget(beforeMs);
  for (const [hash, { atMs }] of left) if (atMs < beforeMs) left.delete(hash);
  for (const [place, atMs] of heldSince) if (atMs < beforeMs) heldSince.delete(place);
}

function unlessUnreadable(seal: Uint8Array): wire.HeaderFrame | undefined {
  try {
    return readUnverifiedHeader(seal);
  } catch {
    return undefined;
  }
}
