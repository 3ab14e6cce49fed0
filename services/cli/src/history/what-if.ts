import { nationOf, type wire } from '@entente/contract';
import { type Crossing, decideCached, findClocks, type Pack } from '@entente/policy';
import { readUnverifiedHeader } from '@entente/seal';
import { createFaultList, mergeFaults } from './fault-list.js';
import type { LogSource } from './log-source.js';
import { crossingOf } from './logged-crossing.js';
import { type LogFault, type OnProgress, type ReadLog, readLog } from './read-log.js';

/** What may become of a message at a border. `reduced`: it passes once the named data are out or pseudonyms. */
export type Outcome = 'permit' | 'reduced' | 'hold' | 'refuse';

export interface WhatIf extends Omit<ReadLog, 'faults'> {
  readonly nation: string;
  /** SHA-256 of a pack, or `as logged`. */
  readonly before: string;
  readonly after: string;
  readonly decided: number;
  readonly changed: number;
  /** How often which outcome became which, for each category and pair of nations; the unchanged too. */
  readonly moves: readonly Move[];
  /** How often a rule decides before and after, where that is not the same. */
  readonly rules: readonly RuleShift[];
  /** The first of those whose outcome, duties or remedies change. */
  readonly changes: readonly Change[];
  readonly faults: readonly LogFault[];
}

export interface Move {
  readonly category: string;
  readonly pair: string;
  readonly before: Outcome;
  readonly after: Outcome;
  readonly count: number;
}

export interface RuleShift {
  readonly rule: string;
  readonly before: number;
  readonly after: number;
}

export interface Change {
  readonly index: number;
  readonly id: string;
  readonly at: string;
  readonly category: string;
  readonly pair: string;
  readonly before: Outcome;
  readonly after: Outcome;
  readonly rulesBefore: readonly string[];
  readonly rulesAfter: readonly string[];
  readonly dutiesBefore: readonly string[];
  readonly dutiesAfter: readonly string[];
  /** The words of the second verdict. */
  readonly reason: string;
}

export interface WhatIfOptions {
  /** Without it, what the log says was decided. */
  readonly before?: Pack;
  readonly after: Pack;
  /** Milliseconds since the epoch: only entries made in this time. */
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly onProgress?: OnProgress;
}

/** How many changes are listed one by one; all are counted. */
const LISTED = 1000;

/**
 * Decides every logged crossing under other rules. A message that was held counts twice: when it came, and when its hold ended.
 * Deadlines are stated as the sender's edge would state them under the rules asked.
 */
export async function whatIf(
  source: LogSource,
  { before, after, fromMs = 0, toMs = Number.POSITIVE_INFINITY, onProgress }: WhatIfOptions,
): Promise<WhatIf> {
  const moves = new Map<string, { move: Omit<Move, 'count'>; count: number }>();
  const rules = new Map<string, { before: number; after: number }>();
  const changes: Change[] = [];
  const faults = createFaultList();
  let [decided, changed] = [0, 0];
  const read = await readLog(
    source,
    ({ index, leaf, record }) => {
      if (record?.event !== 'crossing' || leaf.timeMs < fromMs || leaf.timeMs >= toMs) return;
      try {
        const change = compare(index, leaf.timeMs, record, before, after);
        decided += 1;
        const { category, pair } = change;
        const move = { category, pair, before: change.before, after: change.after };
        const key = Object.values(move).join(' ');
        moves.set(key, { move, count: (moves.get(key)?.count ?? 0) + 1 });
        count(rules, change.rulesBefore, 'before');
        count(rules, change.rulesAfter, 'after');
        if (!isChanged(change)) return;
        changed += 1;
        if (changes.length < LISTED) changes.push(change);
      } catch (error) {
        faults.add({ index, code: 'record-unreadable', detail: (error as Error).message });
      }
    },
    { onProgress },
  );
  return {
    ...read,
    nation: source.nation,
    before: before?.sha256 ?? 'as logged',
    after: after.sha256,
    decided,
    changed,
    moves: [...moves.values()].map(({ move, count: times }) => ({ ...move, count: times })).sort(byCount),
    rules: [...rules]
      .map(([rule, counts]) => ({ rule, ...counts }))
      .filter((one) => one.before !== one.after)
      .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before)),
    changes,
    faults: mergeFaults(read.faults, faults.list()),
  };
}

type Logged = NonNullable<wire.RecordFrame['verdict']>;
type Asked = Pick<Logged, 'decision' | 'rules' | 'reason' | 'obligations' | 'remedies'>;

function compare(
  index: number,
  timeMs: number,
  record: wire.RecordFrame,
  before: Pack | undefined,
  after: Pack,
): Change {
  const { id, from, to } = readUnverifiedHeader(record.seal);
  const { verdict } = record;
  if (!verdict) throw new Error('the record holds no verdict');
  const crossing = crossingOf(record);
  const was = before ? decideAsSent(before, crossing, verdict) : verdict;
  const is = decideAsSent(after, crossing, verdict);
  return {
    index,
    id,
    at: new Date(timeMs).toISOString(),
    category: crossing.facts.category,
    pair: `${nationOf(from)}→${nationOf(to)}`,
    before: outcomeOf(was),
    after: outcomeOf(is),
    rulesBefore: was.rules.map((rule) => rule.id),
    rulesAfter: is.rules.map((rule) => rule.id),
    dutiesBefore: [...was.obligations, ...was.remedies],
    dutiesAfter: [...is.obligations, ...is.remedies],
    reason: is.reason,
  };
}

/** Where only the deadlines do not fit, the sender's edge would have written in those of these rules. */
function decideAsSent(pack: Pack, crossing: Crossing, logged: Logged): Asked {
  const verdict = decideCached(pack, crossing);
  if (!verdict.remedies.includes(CLOCKS) || logged.remedies.includes(CLOCKS)) return verdict;
  const clocks = findClocks(pack.tables, crossing).map(({ clock, minutes }) => ({ clock, minutes }));
  return decideCached(pack, { ...crossing, facts: { ...crossing.facts, clocks } });
}

const CLOCKS = 'clocks';

function outcomeOf({ decision, remedies }: Asked): Outcome {
  if (decision === 'refuse' && remedies.length > 0) return 'reduced';
  return decision as Outcome;
}

function isChanged({ before, after, dutiesBefore, dutiesAfter }: Change): boolean {
  return before !== after || dutiesBefore.join() !== dutiesAfter.join();
}

function count(
  rules: Map<string, { before: number; after: number }>,
  ids: readonly string[],
  side: 'before' | 'after',
): void {
  for (const id of ids) {
    const counts = rules.get(id) ?? { before: 0, after: 0 };
    counts[side] += 1;
    rules.set(id, counts);
  }
}

const byCount = (a: Move, b: Move) =>
  Number(b.before !== b.after) - Number(a.before !== a.after) || b.count - a.count;
