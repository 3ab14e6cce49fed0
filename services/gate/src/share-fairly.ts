import type { Delivery, Outcome } from '@entente/bus';

/** Does the work, if this member or nation has less than its share in hand. */
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
 * No member or other nation has more than its share of a gate in hand at once: what is beyond that is put off and comes again, so that one that
 * sends very much does not keep the others waiting. Nothing is lost, and nothing is refused for it.
 * @param share how many of one sender at once
 * @param senderIn whose a subject is
 */
export function createShares(
  share: number,
  onDeferred: () => void,
  senderIn: (subject: string) => string = (subject) => subject,
): Share {
  const inHand = new Map<string, number>();
  return async ({ subject, redeliveries }, work) => {
    const sender = senderIn(subject);
    const count = inHand.get(sender) ?? 0;
    if (count >= share) {
      onDeferred();
      return putOff(redeliveries);
    }
    inHand.set(sender, count + 1);
    try {
      return await work();
    } finally {
      const left = (inHand.get(sender) ?? 1) - 1;
      if (left === 0) inHand.delete(sender);
      else inHand.set(sender, left);
    }
  };
}

/** No member has more taken on in a second than `mayPass` lets; what is beyond is put off in the same way. */
export function pace(mayPass: (subject: string) => boolean, onDeferred: () => void): Share {
  return ({ subject, redeliveries }, work) => {
    if (mayPass(subject)) return work();
    onDeferred();
    return Promise.resolve(putOff(redeliveries));
  };
}
