import type { End } from '@entente/contract';

/**
 * What a sender, two gates and a receiver promise, in as few words as possible, written from docs/cases.md and not from the code.
 * A message arrives if its whole way is up at some moment before its time is over; else it has expired. Nothing else can happen.
 */
export interface Model {
  nowMs: number;
  readonly up: Record<Part, boolean>;
  readonly messages: ModelMessage[];
}

export const PARTS = ['gate.de', 'gate.fr', 'isp.fr'] as const;
export type Part = (typeof PARTS)[number];

export interface ModelMessage {
  readonly index: number;
  readonly sentMs: number;
  readonly expiresMs: number;
  fate: 'under way' | 'delivered' | 'expired';
  /** Whether both gates were asked and let it be sealed; of what never was, there is an end and nothing to prove it by. */
  isSealed: boolean;
  /** When it was found to be delivered, at the latest. */
  deliveredMs: number;
  /** Whether a person of the recipient has opened its case. */
  isOpened: boolean;
  state: keyof typeof STATES;
  /** Questions that nobody has answered. */
  questions: number;
}

const RECIPIENT = { ask: 'same', forward: 'same', review: 'same' } as const;
const ORIGINATOR = {
  ...{ answer: 'same', correct: 'open', extend: 'same', escalate: 'same', check: 'same' },
  ...{ close: 'closed', recall: 'recalled' },
} as const;

/** What each end can say in each state, and the state that follows. */
export const STATES = {
  open: {
    recipient: { accept: 'accepted', reject: 'rejected', outcome: 'acted', ...RECIPIENT },
    originator: { repeat: 'same', ...ORIGINATOR },
  },
  accepted: {
    recipient: { reject: 'rejected', outcome: 'acted', ...RECIPIENT },
    originator: { repeat: 'same', ...ORIGINATOR },
  },
  acted: { recipient: { outcome: 'acted', ...RECIPIENT }, originator: ORIGINATOR },
  rejected: { recipient: { accept: 'accepted', outcome: 'acted', ...RECIPIENT }, originator: ORIGINATOR },
  closed: {
    recipient: { outcome: 'same', review: 'same' },
    originator: { check: 'same', recall: 'recalled' },
  },
  recalled: { recipient: { outcome: 'same', review: 'same' }, originator: {} },
} as const satisfies Record<string, Record<End, Readonly<Record<string, string>>>>;

/** This notice states no clock, so that there is none to be reviewed or extended. */
const NEEDS_A_CLOCK = ['review', 'extend'];

/** How far beyond its time a message may still be on its way: clocks may differ by so much. */
const SKEW_MS = 5 * 60_000;

export const isWayUp = ({ up }: Model): boolean => PARTS.every((part) => up[part]);

/** What follows from the way being up or not, now. */
export function settle(model: Model): void {
  for (const message of model.messages) {
    if (message.fate !== 'under way') continue;
    if (model.up['gate.de'] && model.up['gate.fr'] && model.nowMs < message.expiresMs)
      message.isSealed = true;
    if (model.nowMs >= message.expiresMs + SKEW_MS) message.fate = 'expired';
    else if (isWayUp(model) && model.nowMs < message.expiresMs) {
      message.fate = 'delivered';
      message.deliveredMs = model.nowMs;
    }
  }
}

const HOUR_MS = 3_600_000;
/** Nobody has opened it for so long since its delivery. */
const RETRIEVED_WITHIN_MS = 36 * HOUR_MS;

/** Whether the sender has evidence that nobody opened it: yes, no, or undefined where it may be either. */
export function isNotRetrieved({ nowMs }: Model, message: ModelMessage): boolean | undefined {
  if (message.fate !== 'delivered') return false;
  if (nowMs - message.sentMs < RETRIEVED_WITHIN_MS) return false;
  return nowMs - message.deliveredMs > RETRIEVED_WITHIN_MS + HOUR_MS ? true : undefined;
}

export function nextState(
  { state, questions }: Pick<ModelMessage, 'state' | 'questions'>,
  end: End,
  word: string,
): keyof typeof STATES | undefined {
  if (NEEDS_A_CLOCK.includes(word) || (word === 'answer' && questions === 0)) return undefined;
  const next = (STATES[state][end] as Readonly<Record<string, keyof typeof STATES | 'same'>>)[word];
  return next === 'same' ? state : next;
}
