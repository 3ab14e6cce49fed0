import { BusError } from '@entente/bus';
import type { Queue } from './meter.js';

/** A message of a queue that is in hand, which may be a batch: its place is free for another when all of it is done. */
export interface Hand {
  readonly queue: Queue;
}

export interface Ways {
  /**
   * @param hand for what this is sent; what is sent for none has no place to give up
   * @throws BusError `timeout` at once while that nation is left alone, or has its places; or what `send` throws
   */
  readonly through: (nation: string, send: () => Promise<void>, hand?: Hand) => Promise<void>;
  /** @throws BusError `timeout` while that nation is left alone */
  readonly check: (nation: string) => void;
}

interface Way {
  /** Gives up each that is under way. */
  readonly underWay: Set<(error: BusError) => void>;
  /** For how many of a message in hand something is under way. */
  readonly places: Readonly<Record<Queue, Map<Hand, number>>>;
  /** Shut, and not yet answered since. */
  isDoubtful: boolean;
  shutMs: number;
  restMs: number;
  slowMs: number;
}

/** The retry of a message does not come much later. */
const FIRST_REST_MS = 4000;
const LONGEST_REST_MS = 32_000;
/** So long after it was shut a way is shut for the shortest time again. */
const FORGET_MS = 300_000;
const SLOW_MS = 1000;
const STAYS_SLOW_MS = 60_000;
/** Of the 64 of each queue, for a nation that answers slowly. */
const PLACES_OF_SLOW = 24;

/**
 * A nation that takes what is sent and answers nothing, or late, would have all places of this gate waiting for it, and what has nothing to
 * do with that nation would wait as well. So after a time-out nothing is sent there for some seconds, and what is under way is given up;
 * then one is tried at a time until one is answered. Whoever answers slowly has a part of the places only. What was not sent comes again
 * like all that failed.
 *
 * A counterpart that answers one and then no more is shut out for longer each time: it holds a gate up for one time-out in half a minute.
 *
 * @param now may go back: then a rest is over
 */
export function guardWays(now: () => number): Ways {
  const ways = new Map<string, Way>();
  const wayTo = (nation: string): Way => {
    const way = ways.get(nation) ?? openWay();
    ways.set(nation, way);
    return way;
  };
  const isWithin = (timeMs: number, sinceMs: number): boolean => {
    const passedMs = now() - sinceMs;
    return passedMs >= 0 && passedMs < timeMs;
  };
  const rests = ({ shutMs, restMs }: Way): boolean => isWithin(restMs, shutMs);
  const hasItsPlaces = ({ places, slowMs }: Way, hand: Hand): boolean => {
    const taken = places[hand.queue];
    const isFull = taken.size >= PLACES_OF_SLOW && !taken.has(hand);
    return isFull && isWithin(STAYS_SLOW_MS, slowMs);
  };
  const shut = (nation: string, way: Way): void => {
    const isAgain = isWithin(FORGET_MS, way.shutMs);
    way.restMs = isAgain ? Math.min(2 * way.restMs, LONGEST_REST_MS) : FIRST_REST_MS;
    way.shutMs = now();
    way.slowMs = way.shutMs;
    way.isDoubtful = true;
    for (const giveUp of way.underWay) giveUp(silent(nation));
    way.underWay.clear();
  };

  return {
    check: (nation) => {
      const way = ways.get(nation);
      if (way && rests(way)) throw silent(nation);
    },
    through: async (nation, send, hand) => {
      const way = wayTo(nation);
      if (rests(way) || (way.isDoubtful && way.underWay.size > 0)) throw silent(nation);
      if (hand && hasItsPlaces(way, hand))
        throw new BusError('timeout', `${nation} answers slowly, and has its places`);
      const leave = hand && takePlace(way, hand);
      const startedMs = now();
      try {
        await new Promise<void>((resolve, reject) => {
          way.underWay.add(reject);
          // INVARIANT: what was given up says nothing of the way any more: time-outs that come together are one.
          const isOpen = () => way.underWay.delete(reject);
          send().then(
            () => {
              if (now() - startedMs > SLOW_MS) way.slowMs = now();
              if (isOpen()) way.isDoubtful = false;
              resolve();
            },
            (error: unknown) => {
              if (isOpen() && isTimeout(error)) shut(nation, way);
              reject(error);
            },
          );
        });
      } finally {
        leave?.();
      }
    },
  };
}

const NEVER = Number.NEGATIVE_INFINITY;

function openWay(): Way {
  return {
    underWay: new Set(),
    places: {
      ...{ emergency: new Map(), member: new Map() },
      ...{ 'nation-emergency': new Map(), nation: new Map() },
    },
    ...{ isDoubtful: false, shutMs: NEVER, restMs: 0, slowMs: NEVER },
  };
}

/** @returns gives it back */
function takePlace({ places }: Way, hand: Hand): () => void {
  const taken = places[hand.queue];
  taken.set(hand, (taken.get(hand) ?? 0) + 1);
  return () => {
    const left = (taken.get(hand) ?? 1) - 1;
    if (left === 0) taken.delete(hand);
    else taken.set(hand, left);
  };
}

const isTimeout = (error: unknown): boolean => error instanceof BusError && error.code === 'timeout';

function silent(nation: string): BusError {
  return new BusError('timeout', `${nation} has not answered: nothing is sent there for some seconds`);
}
