import type { Update as UpdateWord } from '../gen/vocabulary.js';

/**
 * How far a referral is, once it was delivered: nobody has looked (`open`), the recipient works on it (`accepted`), every item has
 * its outcome (`acted`), the recipient does nothing about it (`rejected`), its originator is done with it (`closed`), or took it back.
 */
export type ReferralState = 'open' | 'accepted' | 'acted' | 'rejected' | 'closed' | 'recalled';

/** The two ends of a referral. */
export type End = 'originator' | 'recipient';

export interface Transition {
  readonly update: UpdateWord;
  readonly by: End;
  readonly from: readonly ReferralState[];
  /** `items`: `acted` when every item has an outcome that lasts, else `accepted`. */
  readonly to: ReferralState | 'same' | 'items';
}

const LIVE = ['open', 'accepted', 'acted', 'rejected'] as const;

/** The one state machine of case work: who may say what, when, and what follows. `docs/cases.md` is drawn from it. */
export const TRANSITIONS: readonly Transition[] = Object.freeze([
  { update: 'accept', by: 'recipient', from: ['open', 'rejected'], to: 'accepted' },
  { update: 'reject', by: 'recipient', from: ['open', 'accepted'], to: 'rejected' },
  { update: 'ask', by: 'recipient', from: LIVE, to: 'same' },
  { update: 'forward', by: 'recipient', from: LIVE, to: 'same' },
  { update: 'review', by: 'recipient', from: [...LIVE, 'closed', 'recalled'], to: 'same' },
  { update: 'outcome', by: 'recipient', from: LIVE, to: 'items' },
  // What was done can be undone, and has to be told, however the matter ended.
  { update: 'outcome', by: 'recipient', from: ['closed', 'recalled'], to: 'same' },
  { update: 'answer', by: 'originator', from: LIVE, to: 'same' },
  // The recipient has to look again.
  { update: 'correct', by: 'originator', from: LIVE, to: 'open' },
  { update: 'repeat', by: 'originator', from: ['open', 'accepted'], to: 'same' },
  { update: 'extend', by: 'originator', from: LIVE, to: 'same' },
  { update: 'escalate', by: 'originator', from: LIVE, to: 'same' },
  { update: 'check', by: 'originator', from: [...LIVE, 'closed'], to: 'same' },
  { update: 'close', by: 'originator', from: LIVE, to: 'closed' },
  { update: 'recall', by: 'originator', from: [...LIVE, 'closed'], to: 'recalled' },
]);
