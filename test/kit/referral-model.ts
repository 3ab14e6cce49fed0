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
  readonly expiresMs: number;
  fate: 'under way' | 'delivered' | 'expired';
  state: keyof typeof STATES;
}

/** What each end can say in each state, and the state that follows. */
export const STATES = {
  open: {
    recipient: { accept: 'accepted', reject: 'rejected', outcome: 'acted', ask: 'open' },
    originator: { correct: 'open', repeat: 'open', check: 'open', close: 'closed', recall: 'recalled' },
  },
  accepted: {
    recipient: { reject: 'rejected', outcome: 'acted', ask: 'accepted' },
    originator: {
      correct: 'open',
      repeat: 'accepted',
      check: 'accepted',
      close: 'closed',
      recall: 'recalled',
    },
  },
  acted: {
    recipient: { outcome: 'acted', ask: 'acted' },
    originator: { correct: 'open', check: 'acted', close: 'closed', recall: 'recalled' },
  },
  rejected: {
    recipient: { accept: 'accepted', outcome: 'acted', ask: 'rejected' },
    originator: { correct: 'open', check: 'rejected', close: 'closed', recall: 'recalled' },
  },
  closed: { recipient: { outcome: 'closed' }, originator: { check: 'closed', recall: 'recalled' } },
  recalled: { recipient: { outcome: 'recalled' }, originator: {} },
} as const satisfies Record<string, Record<End, Readonly<Record<string, string>>>>;

/** How far beyond its time a message may still be on its way: clocks may differ by so much. */
const SKEW_MS = 5 * 60_000;

export const isWayUp = ({ up }: Model): boolean => PARTS.every((part) => up[part]);

/** What follows from the way being up or not, now. */
export function settle(model: Model): void {
  for (const message of model.messages) {
    if (message.fate !== 'under way') continue;
    if (model.nowMs >= message.expiresMs + SKEW_MS) message.fate = 'expired';
    else if (isWayUp(model) && model.nowMs < message.expiresMs) message.fate = 'delivered';
  }
}

export function nextState(
  state: keyof typeof STATES,
  end: End,
  word: string,
): keyof typeof STATES | undefined {
  return (STATES[state][end] as Readonly<Record<string, keyof typeof STATES>>)[word];
}
