import { setTimeout as delay } from 'node:timers/promises';
import { everySecond, phishingNotice } from './examples.js';
import type { TestNetwork } from './network.js';
import { waitFor } from './wait.js';

export interface SteadyMessage {
  readonly from: string;
  readonly to: string;
  readonly urgency: string;
  readonly id: string;
  readonly caseId: string;
  readonly sentMs: number;
}

export type SteadyTraffic = ReturnType<typeof startSteadyTraffic>;

/**
 * A message from each of these members at each turn, whether or not what was sent before has arrived: only so an outage shows in
 * the time between two deliveries. Each is handed in under its own key until it is taken.
 */
export function startSteadyTraffic(
  net: TestNetwork,
  ways: readonly (readonly [from: string, to: string])[],
  everyMs: number,
) {
  const sent: SteadyMessage[] = [];
  const open = new Set<Promise<void>>();
  let isOver = false;
  const handIn = async (from: string, to: string, turn: number) => {
    const key = `steady-${to}-${turn}`;
    const { urgency } = everySecond(turn);
    const sentMs = Date.now();
    const { id, case_id: caseId } = await waitFor(
      `an answer to ${key} of ${from}`,
      async () =>
        await net
          .client(from)
          .send(phishingNotice(to, undefined, { urgency }), key)
          .catch(() => undefined),
      240_000,
    );
    sent.push({ from, to, urgency, id, caseId, sentMs });
  };
  const run = async () => {
    for (let turn = 0; !isOver; turn++) {
      for (const [from, to] of ways) {
        const work = handIn(from, to, turn).finally(() => open.delete(work));
        open.add(work);
      }
      await delay(everyMs);
    }
    await Promise.all(open);
  };
  const running = run();
  running.catch(() => undefined);
  return Object.freeze({
    ways,
    sent,
    /** Resolves when on each way one that was sent after this time has arrived. */
    flowsAgain: async (sinceMs: number): Promise<void> => {
      for (const [from, to] of ways) {
        await waitFor(
          `a message from ${from} at ${to}`,
          async () => {
            const { messages } = await net
              .client(to)
              .inbox(50)
              .catch(() => ({ messages: [] }));
            const arrived = new Set(messages.map(({ id }) => id));
            return (
              sent.some((one) => one.from === from && one.sentMs > sinceMs && arrived.has(one.id)) ||
              undefined
            );
          },
          240_000,
        );
      }
    },
    end: async (): Promise<void> => {
      isOver = true;
      await running;
    },
  });
}
