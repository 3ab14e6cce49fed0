import { perGate } from './per-gate.js';

/** A longer wait would be seen in what the others are promised; a shorter one is over before an emergency is logged. */
const MOST_MS = 250;

/** What is ahead and what gives way to it, in one gate. */
export const giveWay = perGate(({ giveWayMs }: { readonly giveWayMs?: number }) => createGiveWay(giveWayMs));

/**
 * Ordinary work that is in hand gives way, between its steps, to the emergencies that are in hand: each of them once, and for `mostMs`, so
 * that one that hangs holds nothing up. Under emergencies without end all that waits goes one step on after each `mostMs`: who fills
 * that way makes the others later, and stops nobody.
 */
function createGiveWay(mostMs = MOST_MS) {
  let ahead = 0;
  let turn: { readonly promise: Promise<void>; readonly end: () => void } | undefined;
  const leave = () => {
    ahead -= 1;
    if (ahead === 0) turn?.end();
  };
  const beginTurn = () => {
    let resolve = () => {};
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    const end = () => {
      clearTimeout(timer);
      turn = undefined;
      resolve();
    };
    const timer = setTimeout(end, mostMs);
    return { promise, end };
  };

  return Object.freeze({
    /** Whether there is anything to give way to. */
    isNeeded: (): boolean => ahead > 0,
    /** Does the work of an emergency: the others give way to it. */
    ahead: async <T>(work: () => Promise<T>): Promise<T> => {
      ahead += 1;
      let leaveOnce = () => {
        leaveOnce = () => undefined;
        clearTimeout(timer);
        leave();
      };
      const timer = setTimeout(() => leaveOnce(), mostMs);
      try {
        return await work();
      } finally {
        leaveOnce();
      }
    },
    /** Before a step of ordinary work: resolves when no emergency is in hand, and in time. */
    ordinary: async (): Promise<void> => {
      if (ahead === 0) return;
      turn ??= beginTurn();
      await turn.promise;
    },
  });
}
