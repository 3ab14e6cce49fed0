/** What a gate works off in less than the time after which its members send again, also where it does not a hundred messages a second. */
const MOST_UNDER_WAY = 256;
/** Whether it arrived is not known by then: it is sent again by itself, and keeps no other waiting. */
const FORGET_MS = 30_000;

export type UnderWay = ReturnType<typeof createUnderWay>;

/**
 * Which own messages are on their way to the gate for the first time, and not answered yet. What is handed in faster than the gate works
 * waits in the outbox: in the gate's stream it would be sent again while it waits, and make that longer.
 */
export function createUnderWay(now: () => number = () => performance.now()) {
  // In the order of their sending.
  const sentAt = new Map<string, number>();
  return Object.freeze({
    /** So many more may be sent now. */
    room: (): number => {
      const forgottenMs = now() - FORGET_MS;
      for (const [id, atMs] of sentAt) {
        if (atMs > forgottenMs) break;
        sentAt.delete(id);
      }
      return Math.max(0, MOST_UNDER_WAY - sentAt.size);
    },
    sent: (id: string): void => void sentAt.set(id, now()),
    answered: (id: string): void => void sentAt.delete(id),
  });
}
