import type { Result, Said } from '@entente/contract';
import type { Thread } from './find-threads.js';

export interface BlockReview {
  readonly dueMs: number;
  /** When it was looked at again, or ended; null: not yet. */
  readonly metMs: number | null;
}

const DAY_MS = 86_400_000;

/** After these it is blocked as before. */
const UNDECIDED: readonly Result[] = ['in-progress', 'disputed'];

/**
 * When what was blocked is to be looked at again: by the end of the day (UTC) that the recipient has said, or when the clock ends that the
 * referral states, where that is sooner. A review keeps it, and the end of the block; to say once more that it is blocked begins anew.
 * Of several blocks the one that waits and is due first, or else the one that was the latest.
 * @param statedMs when the stated clock ends for a block of this time, in milliseconds; null: there is none, or it has not started
 * @returns undefined: nothing was ever blocked
 */
export function blockReview(
  thread: Pick<Thread, 'said' | 'followed'>,
  statedMs: (blockedMs: number) => number | null,
): BlockReview | undefined {
  const { items, withoutEffect } = thread.followed;
  const said = thread.said.filter(({ id }) => withoutEffect.every((other) => other.id !== id));
  const reviews = items.flatMap(({ id }) => {
    const block = lastBlock(said, id);
    if (!block) return [];
    const { blockedMs, reviewOn, endedMs } = block;
    const dayMs = Date.parse(reviewOn) + DAY_MS - 1;
    const metMs = earlier(firstReview(said, blockedMs), endedMs);
    return [{ dueMs: Math.min(dayMs, statedMs(blockedMs) ?? dayMs), metMs }];
  });
  const waiting = reviews.filter(({ metMs }) => metMs === null);
  const [worst] =
    waiting.length > 0
      ? waiting.sort((a, b) => a.dueMs - b.dueMs)
      : reviews.sort((a, b) => Number(b.metMs) - b.dueMs - (Number(a.metMs) - a.dueMs));
  return worst;
}

interface Block {
  readonly blockedMs: number;
  /** YYYY-MM-DD. */
  readonly reviewOn: string;
  readonly endedMs: number | null;
}

function lastBlock(said: readonly Said[], id: string): Block | undefined {
  let block: Block | undefined;
  for (const { issuedAtMs, content } of said) {
    const outcome = content.items?.find((item) => item.id === id)?.outcome;
    if (!outcome || UNDECIDED.includes(outcome.result)) continue;
    if (outcome.block) block = { blockedMs: issuedAtMs, reviewOn: outcome.block.review_on, endedMs: null };
    else if (block) block = { ...block, endedMs: block.endedMs ?? issuedAtMs };
  }
  return block;
}

/** A second one does not make the first one late. */
function firstReview(said: readonly Said[], blockedMs: number): number | null {
  const isReview = ({ content: { update, clock }, issuedAtMs }: Said) =>
    update === 'review' && clock === 'block-review' && issuedAtMs > blockedMs;
  return said.find(isReview)?.issuedAtMs ?? null;
}

function earlier(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}
