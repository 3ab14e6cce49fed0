import { removed } from './case-work.js';

/** What each end may say of a referral, in some state or other. */
export const SAID = {
  recipient: ['accept', 'reject', 'outcome', 'ask', 'forward', 'review'],
  originator: ['answer', 'correct', 'repeat', 'extend', 'escalate', 'check', 'close', 'recall'],
} as const;

/** What an update says beside its word. */
export function sayWord(word: string, nowMs: number): object {
  return CONTENTS[word]?.(nowMs) ?? {};
}

const CONTENTS: Readonly<Record<string, (nowMs: number) => object>> = {
  reject: () => ({ ground: 'not-competent', text: 'Not ours.' }),
  outcome: () => {
    const { update: _, ...content } = removed('i1', 'i2');
    return content;
  },
  ask: () => ({ text: 'Which page?' }),
  answer: () => ({ text: 'The second.' }),
  forward: () => ({ forwarded_to: 'hotline.fr' }),
  review: () => ({ clock: 'block-review', finding: 'upheld', text: 'Looked at again.' }),
  extend: () => ({ clock: 'block-review', minutes: 600_000, text: 'More time.' }),
  escalate: () => ({ escalated_to: 'police', text: 'Nothing was done.' }),
  correct: () => ({ text: 'The address was wrong.' }),
  check: (nowMs) => ({
    items: [
      { id: 'i1', check: { seen: 'gone', at: new Date(nowMs - 1000).toISOString(), from_country: 'DE' } },
    ],
  }),
  recall: () => ({ recall_ground: 'mistake' }),
};
