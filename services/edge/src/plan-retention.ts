import { setImmediate as othersHadTheirTurn } from 'node:timers/promises';
import { INSPECTED_DAYS } from './end-retention.js';
import type { LegalHold } from './legal-holds.js';
import { quarantinedUntil } from './quarantined.js';
import type { Edge } from './state.js';

/** How much goes of each kind. */
export interface Leaving {
  /** Of messages, received or sent. */
  readonly contents: number;
  /** Messages of which nothing is left after it: seal, proofs, and words of closed lists. */
  readonly proofs: number;
  /** Cases of which nothing is left after it. */
  readonly cases: number;
  /** Messages of others, which this member as an auditor was shown. */
  readonly inspected: number;
  /** Messages that this edge could not handle. */
  readonly quarantined: number;
  /** Entries of the log of accesses; not before they are on record in the log of the nation. */
  readonly accesses: number;
}

/** What of a case stays for as long as its legal hold lasts. */
export interface StoppedCase
  extends LegalHold,
    Pick<Leaving, 'contents' | 'proofs' | 'quarantined' | 'accesses'> {}

export interface RetentionPlan {
  readonly proofDays: number;
  readonly accessDays: number;
  /** By the month (YYYY-MM, UTC) in which their time is over; what is over already, and what an order waits for, in that of now. */
  readonly months: readonly (Leaving & { readonly month: string })[];
  readonly held: readonly StoppedCase[];
  /** Messages without an outcome: they go no earlier than that. */
  readonly waiting: number;
}

const DAY_MS = 86_400_000;

/** What will go from this edge, and when, before it goes; and what legal holds stop. */
export async function planRetention(edge: Edge): Promise<RetentionPlan> {
  const months = createMonths(edge.now());
  const held = new Map<string, Writable<StoppedCase>>();
  for (const hold of edge.legalHolds.list())
    held.set(hold.caseId, { ...hold, contents: 0, proofs: 0, quarantined: 0, accesses: 0 });
  for (const [from, before] of SLICES) {
    countCases(edge, months, held, edge.keptTimes.between(from, before));
    await othersHadTheirTurn();
  }
  for (const answeredMs of edge.inspections.contentTimes())
    months.add(answeredMs + INSPECTED_DAYS * DAY_MS, 'inspected');
  for (const { caseId, untilMs } of quarantinedUntil(edge)) {
    const hold = held.get(caseId);
    if (hold) hold.quarantined += 1;
    else months.add(untilMs, 'quarantined');
    // Each was read from a file of its own.
    await othersHadTheirTurn();
  }
  await countAccesses(edge, months, held);
  const waiting = edge.outbox.countWaiting();
  const { proofDays, accessDays } = edge;
  return { proofDays, accessDays, months: months.list(), held: [...held.values()], waiting };
}

/** Case ids are random hex digits: so that a million cases are looked at in turns of some thousand. */
const EDGES = [
  '',
  ...Array.from({ length: 255 }, (_, i) => (i + 1).toString(16).padStart(2, '0')),
  '\u{10ffff}',
];
const SLICES = EDGES.slice(1).map((before, i) => [EDGES[i] ?? '', before] as const);

function countCases(
  edge: Edge,
  months: Months,
  held: ReadonlyMap<string, Writable<StoppedCase>>,
  times: ReturnType<Edge['keptTimes']['between']>,
): void {
  const last = new Map<string, number>();
  for (const { caseId, eraseMs, removedMs } of times) {
    const hold = held.get(caseId);
    if (hold) {
      hold.proofs += 1;
      if (removedMs === null) hold.contents += 1;
      continue;
    }
    if (removedMs === null) months.add(eraseMs, 'contents');
    const proofMs = (removedMs ?? Math.max(eraseMs, edge.now())) + edge.proofDays * DAY_MS;
    months.add(proofMs, 'proofs');
    last.set(caseId, Math.max(proofMs, last.get(caseId) ?? 0));
  }
  for (const ms of last.values()) months.add(ms, 'cases');
}

async function countAccesses(
  edge: Edge,
  months: Months,
  held: ReadonlyMap<string, Writable<StoppedCase>>,
): Promise<void> {
  for (let from = 0; ; ) {
    const page = edge.access.keptFrom(from, PAGE);
    for (const { entry } of page) {
      const hold = held.get(entry.case_id);
      if (hold) hold.accesses += 1;
      // It goes with the day after its own.
      else if (!entry.accesses) months.add(entry.at_ms + (edge.accessDays + 1) * DAY_MS, 'accesses');
    }
    if (page.length < PAGE) return;
    from = (page.at(-1)?.index ?? from) + 1;
    await othersHadTheirTurn();
  }
}

const PAGE = 2000;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type Months = ReturnType<typeof createMonths>;

const NONE: Leaving = { contents: 0, proofs: 0, cases: 0, inspected: 0, quarantined: 0, accesses: 0 };

function createMonths(nowMs: number) {
  const months = new Map<string, Writable<Leaving>>();
  return {
    add: (ms: number, what: keyof Leaving): void => {
      const month = new Date(Math.max(ms, nowMs)).toISOString().slice(0, 7);
      const known = months.get(month) ?? { ...NONE };
      known[what] += 1;
      months.set(month, known);
    },
    list: () =>
      [...months]
        .map(([month, leaving]) => ({ month, ...leaving }))
        .sort((a, b) => (a.month < b.month ? -1 : 1)),
  };
}
