import { createRows } from './rows.js';
import { type Counter, isPassedHere, type Seen } from './seen.js';

/** Where the network failed those who use it, as far as logs can say. */
export interface Gaps {
  /** Messages that had nowhere to go, by where they should have gone. */
  readonly noRoute: readonly { readonly way: string; readonly code: string; readonly count: number }[];
  /** What left and of which nobody has said that it arrived. */
  readonly undelivered: readonly {
    readonly way: string;
    readonly category: string;
    readonly count: number;
  }[];
  /** Delivered, and no word from the recipient so long after that. */
  readonly unanswered: readonly (Recipient & { readonly since: string; readonly count: number })[];
  /** Referrals of which something was up again after it had been seen gone, or was said to be removed. */
  readonly cameBack: readonly (Recipient & { readonly after: string; readonly count: number })[];
  /** Cases in which content was removed, blocked and removed, or only blocked. */
  readonly removal: readonly { readonly category: string; readonly how: string; readonly count: number }[];
}

interface Recipient {
  readonly recipient: string;
  readonly category: string;
}

const DAY_MS = 86_400_000;
const NO_ROUTE: readonly string[] = ['no-counterpart', 'recipient-unknown', 'role-not-held'];
const AWAITS_WORD: readonly string[] = [
  'remove',
  'restore',
  'block',
  'unblock',
  'preserve',
  'release',
  'produce',
  'assess',
];
const REMOVED: readonly string[] = [
  'removed',
  'account-suspended',
  'access-disabled',
  'cleaned',
  'already-gone',
];
const UP: readonly string[] = ['up', 'moved'];

interface Referral extends Recipient {
  readonly way: string;
  readonly caseId: string;
  readonly awaitsWord: boolean;
  readonly atMs: number;
  deliveredMs: number | undefined;
  isAnswered: boolean;
  isGone: boolean;
  isSaidRemoved: boolean;
  readonly cameBack: Set<string>;
}

interface Case {
  readonly category: string;
  readonly atMs: number;
  isRemoved: boolean;
  isBlocked: boolean;
}

export function createGapCounter(): Counter & { readonly gaps: () => Gaps } {
  const noRoute = createRows<Omit<Gaps['noRoute'][number], 'count'>>();
  const undelivered = createRows<Omit<Gaps['undelivered'][number], 'count'>>();
  const unanswered = createRows<Omit<Gaps['unanswered'][number], 'count'>>();
  const cameBack = createRows<Omit<Gaps['cameBack'][number], 'count'>>();
  const removal = createRows<Omit<Gaps['removal'][number], 'count'>>();
  const referrals = new Map<string, Referral>();
  const cases = new Map<string, Case>();
  let lastMs = 0;

  const open = ({ atMs, way, header, isLater }: Seen) => {
    const { category = '', action = '' } = header.facts ?? {};
    const { id, to: recipient, caseId } = header;
    if (isLater || referrals.has(id)) return;
    referrals.set(id, {
      ...{ way, caseId, recipient, category, atMs, awaitsWord: AWAITS_WORD.includes(action) },
      ...{ deliveredMs: undefined, isAnswered: false, isGone: false, isSaidRemoved: false },
      cameBack: new Set<string>(),
    });
    if (!cases.has(caseId)) cases.set(caseId, { category, atMs, isRemoved: false, isBlocked: false });
  };
  const turnAway = ({ way, isLater, record: { verdict } }: Seen) => {
    const code = verdict?.code ?? '';
    if (!isLater && NO_ROUTE.includes(code)) noRoute.add({ way, code });
  };
  const follow = ({ header: { from, facts, inReplyTo } }: Seen) => {
    const known = referrals.get(inReplyTo);
    if (!known) return;
    const said = (words: readonly string[], counts = facts?.results) =>
      counts?.some(({ word, count }) => count > 0 && words.includes(word)) ?? false;
    if (from === known.recipient) {
      known.isAnswered = true;
      known.isSaidRemoved ||= said(REMOVED);
      const matter = cases.get(known.caseId);
      if (!matter) return;
      matter.isRemoved ||= said(REMOVED);
      matter.isBlocked ||= said(['blocked']);
      return;
    }
    if (said(UP, facts?.checks)) {
      if (known.isGone) known.cameBack.add('seen gone');
      if (known.isSaidRemoved) known.cameBack.add('said to be removed');
    }
    known.isGone ||= said(['gone'], facts?.checks);
  };
  const deliver = ({ atMs, countsHere, header: { from, statement } }: Seen) => {
    if (!countsHere || statement?.evidence !== 'delivered') return;
    for (const { messageId } of statement.about) {
      const known = referrals.get(messageId);
      if (known?.recipient === from) known.deliveredMs ??= atMs;
    }
  };
  /** A referral counts when it is forgotten, or at the end of the report. */
  const settle = ({
    way,
    recipient,
    category,
    awaitsWord,
    deliveredMs,
    isAnswered,
    cameBack: back,
  }: Referral) => {
    if (deliveredMs === undefined && !isAnswered) undelivered.add({ way, category });
    else if (awaitsWord && !isAnswered)
      unanswered.add({ recipient, category, since: ageOf(lastMs - (deliveredMs ?? lastMs)) });
    for (const after of back) cameBack.add({ recipient, category, after });
  };
  const close = ({ category, isRemoved, isBlocked }: Case) => {
    if (!isRemoved && !isBlocked) return;
    const how = isRemoved ? (isBlocked ? 'blocked and removed' : 'removed') : 'only blocked';
    removal.add({ category, how });
  };
  const forget = (beforeMs: number) => {
    for (const [id, referral] of referrals) {
      if (referral.atMs >= beforeMs) break;
      settle(referral);
      referrals.delete(id);
    }
    for (const [id, matter] of cases) {
      if (matter.atMs >= beforeMs) break;
      close(matter);
      cases.delete(id);
    }
  };

  return {
    see: (seen) => {
      const { record, header, atMs } = seen;
      lastMs = Math.max(lastMs, atMs);
      if (record.event === 'evidence') deliver(seen);
      else if (record.event === 'rejection') turnAway(seen);
      else if (!isPassedHere(seen)) return;
      else if (header.facts?.update) follow(seen);
      else open(seen);
    },
    forget,
    /** To be asked once, at the end. */
    gaps: () => {
      forget(Number.POSITIVE_INFINITY);
      return {
        noRoute: noRoute.list(),
        undelivered: undelivered.list(),
        unanswered: unanswered.list(),
        cameBack: cameBack.list(),
        removal: removal.list(),
      };
    },
  };
}

function ageOf(ms: number): string {
  if (ms < DAY_MS) return 'less than a day';
  return ms < 7 * DAY_MS ? '1 to 7 days' : 'more than 7 days';
}
