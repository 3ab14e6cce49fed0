import type { Delivery, Outcome } from '@entente/bus';

/** Does the work, if this member has less than its share in hand. */
export type Share = (
  delivery: Pick<Delivery, 'subject' | 'redeliveries'>,
  work: () => Promise<Outcome>,
) => Promise<Outcome>;

const AGAIN_MS = 50;
/** Doubled so often: what waits long in vain is looked at every 1.6 s, not twenty times a second. */
const DOUBLINGS = 5;

/** Waits before it is looked at again: what has waited long, longer. */
const putOff = (redeliveries: number): Outcome => ({
  retryInMs: AGAIN_MS * 2 ** Math.min(redeliveries, DOUBLINGS),
});

/**
 * No member has more than its share of a gate in hand at once: what is beyond that is put off and comes again, so that one that
 * sends very much does not keep the others waiting. Nothing is lost, and nothing is refused for it.
 * @param share how many of one subject at once
 */
export function createShares(share: number, onDeferred: () => void): Share {
  const inHand = new Map<string, number>();
  return async ({ subject, redeliveries }, work) => {
    const count = inHand.get(subject) ?? 0;
    if (count >= share) {
      onDeferred();
      return putOff(redeliveries);
    }
    inHand.set(subject, count + 1);
    try {
      return await work();
    } finally {
      const left = (inHand.get(subject) ?? 1) - 1;
      if (left === 0) inHand.delete(subject);
      else inHand.set(subject, left);
    }
  };
}

/** No member has more taken on in a second than `mayPass` lets; what is beyond is put off in the same way. */
export function pace(mayPass: (subject: string) => boolean, onDeferred: () => void): Share {
  return async ({ subject, redeliveries }, work) => {
    if (mayPass(subject)) return await work();
    onDeferred();
    return putOff(redeliveries);
  };
}
