import type { wire } from '@entente/contract';
import { createHistogram, type Durations, type Histogram } from './histogram.js';
import { type Counter, isPassedHere, type Seen } from './seen.js';

/** What became of referrals, as far as the logs say: words of closed lists and counts, and never which item. */
export interface Outcomes {
  /** What recipients said of the items, each time that they said something. */
  readonly results: readonly (Recipient & { readonly result: string } & Items)[];
  /** What others saw by looking again. */
  readonly checks: readonly (Recipient & { readonly seen: string } & Items)[];
  /** How long recipients took from delivery to their first word, and to their first outcome. */
  readonly answers: readonly (Recipient & {
    readonly delivered: number;
    readonly answered: Durations;
    readonly acted: Durations;
    /** How many were acted upon within a day, within a week. */
    readonly actedIn1: number;
    readonly actedIn7: number;
  })[];
  /** Of the items that somebody asked to have removed: how many were seen gone, at the least, so many days after the first gate. */
  readonly gone: readonly (Gone & { readonly category: string })[];
}

export interface Recipient {
  readonly recipient: string;
  readonly category: string;
  readonly action: string;
}

interface Items {
  /** How many items. */
  readonly count: number;
  /** How many referrals they were in. */
  readonly referrals: number;
}

export interface Gone {
  readonly referrals: number;
  readonly items: number;
  readonly within: readonly GoneWithin[];
}

/** Of what is as old as that: what is younger may still go. */
export interface GoneWithin {
  readonly days: number;
  readonly referrals: number;
  readonly items: number;
  readonly gone: number;
}

const DAYS = [1, 2, 7, 28] as const;
const DAY_MS = 86_400_000;
const NONE_GONE: Gone = {
  ...{ referrals: 0, items: 0 },
  within: DAYS.map((days) => ({ days, referrals: 0, items: 0, gone: 0 })),
};

interface Referral extends Recipient {
  readonly originator: string;
  readonly atMs: number;
  readonly items: number;
  deliveredMs: number | undefined;
  isAnswered: boolean;
  isActed: boolean;
  /** For each of DAYS. An update says how many it saw gone and not which, so that the most that one saw is the least there were. */
  readonly goneBy: number[];
  /** Where its items were counted. */
  readonly countedAs: Set<string>;
}

interface Answers {
  delivered: number;
  actedIn1: number;
  actedIn7: number;
  readonly answered: Histogram;
  readonly acted: Histogram;
}

export function createOutcomeCounter(): Counter & { readonly outcomes: (lastMs: number) => Outcomes } {
  const referrals = new Map<string, Referral>();
  const results = new Map<string, Items>();
  const checks = new Map<string, Items>();
  const answers = new Map<string, Answers>();
  const gone = new Map<string, Gone>();
  const answersOf = (key: string) => {
    const known = answers.get(key) ?? {
      ...{ delivered: 0, actedIn1: 0, actedIn7: 0 },
      ...{ answered: createHistogram(), acted: createHistogram() },
    };
    answers.set(key, known);
    return known;
  };
  /** Its items count from when it is forgotten, or from the end of the logs. */
  const settle = ({ category, action, items, goneBy, atMs }: Referral, lastMs: number) => {
    if (action !== 'remove') return;
    const known = gone.get(category) ?? NONE_GONE;
    const within = known.within.map((sum, i) => {
      if (lastMs - atMs < sum.days * DAY_MS) return sum;
      const { days, referrals, items: all, gone: sofar } = sum;
      return { days, referrals: referrals + 1, items: all + items, gone: sofar + (goneBy[i] ?? 0) };
    });
    gone.set(category, { referrals: known.referrals + 1, items: known.items + items, within });
  };
  const countUpdate = (referral: Referral, atMs: number, { from, facts }: wire.HeaderFrame) => {
    const { update = '', results: said = [], checks: seen = [] } = facts ?? {};
    const key = keyOf(referral);
    if (from === referral.recipient) {
      for (const { word, count } of said) add(results, referral, `${key}|${word}`, count);
      const since = referral.deliveredMs ?? atMs;
      if (!referral.isAnswered) answersOf(key).answered.add(atMs - since);
      if (update === 'outcome' && !referral.isActed) {
        const known = answersOf(key);
        known.acted.add(atMs - since);
        if (atMs - since <= DAY_MS) known.actedIn1 += 1;
        if (atMs - since <= 7 * DAY_MS) known.actedIn7 += 1;
      }
      referral.isAnswered = true;
      referral.isActed ||= update === 'outcome';
    } else if (from === referral.originator) {
      for (const { word, count } of seen) add(checks, referral, `${key}|${word}`, count);
      const goneNow = seen.find(({ word }) => word === 'gone')?.count ?? 0;
      for (const [i, days] of DAYS.entries()) {
        if (atMs - referral.atMs <= days * DAY_MS)
          referral.goneBy[i] = Math.max(referral.goneBy[i] ?? 0, goneNow);
      }
    }
  };
  const cross = ({ atMs, header, isLater }: Seen) => {
    const { id, from, to, facts, inReplyTo } = header;
    if (!facts) return;
    if (facts.update !== '') {
      const referral = referrals.get(inReplyTo);
      if (referral) countUpdate(referral, atMs, header);
      return;
    }
    if (isLater) return;
    const about = { recipient: to, category: facts.category, action: facts.action };
    referrals.set(id, {
      ...{ ...about, originator: from, atMs, items: facts.itemCount, goneBy: [0, 0, 0, 0] },
      ...{ deliveredMs: undefined, isAnswered: false, isActed: false, countedAs: new Set<string>() },
    });
  };
  const deliver = ({ atMs, countsHere, header: { from, statement } }: Seen) => {
    if (!countsHere || statement?.evidence !== 'delivered') return;
    for (const { messageId } of statement.about) {
      const referral = referrals.get(messageId);
      if (referral?.recipient !== from || referral.deliveredMs !== undefined) continue;
      referral.deliveredMs = atMs;
      answersOf(keyOf(referral)).delivered += 1;
    }
  };
  return {
    see: (seen) => {
      if (isPassedHere(seen)) cross(seen);
      else if (seen.record.event === 'evidence') deliver(seen);
    },
    forget: (beforeMs: number): void => {
      for (const [id, referral] of referrals) {
        if (referral.atMs >= beforeMs) break;
        settle(referral, Number.POSITIVE_INFINITY);
        referrals.delete(id);
      }
    },
    /**
     * To be asked once, at the end.
     * @param lastMs when the last entry of the logs was made
     */
    outcomes: (lastMs): Outcomes => {
      for (const referral of referrals.values()) settle(referral, lastMs);
      return {
        results: [...results].map(([key, count]) => ({ ...recipientOf(key), result: lastOf(key), ...count })),
        checks: [...checks].map(([key, count]) => ({ ...recipientOf(key), seen: lastOf(key), ...count })),
        answers: [...answers].map(([key, { delivered, answered, acted, actedIn1, actedIn7 }]) => ({
          ...{ ...recipientOf(key), delivered, actedIn1, actedIn7 },
          ...{ answered: answered.summary(), acted: acted.summary() },
        })),
        gone: [...gone].map(([category, of]) => ({ category, ...of })),
      };
    },
  };
}

function add(items: Map<string, Items>, { countedAs }: Referral, key: string, added: number): void {
  const { count, referrals } = items.get(key) ?? { count: 0, referrals: 0 };
  items.set(key, { count: count + added, referrals: referrals + (countedAs.has(key) ? 0 : 1) });
  countedAs.add(key);
}

function keyOf({ recipient, category, action }: Recipient): string {
  return `${recipient}|${category}|${action}`;
}

function recipientOf(key: string): Recipient {
  const [recipient = '', category = '', action = ''] = key.split('|');
  return { recipient, category, action };
}

function lastOf(key: string): string {
  return key.slice(key.lastIndexOf('|') + 1);
}
