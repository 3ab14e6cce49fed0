import { hasWholeWay } from './case-work.js';
import type { TestNetwork } from './network.js';
import type { SteadyTraffic } from './steady-traffic.js';
import { waitFor } from './wait.js';

const KINDS = ['urgent', 'emergency'];

interface Arrival {
  readonly way: string;
  readonly atMs: number;
}

/** Waits for the outcome of each message, and looks how often it is there and what evidence of it came back. */
export async function arrivalsOf(net: TestNetwork, traffic: SteadyTraffic) {
  const arrivals: Arrival[] = [];
  const losses: string[] = [];
  for (const { from, to, urgency, id, caseId } of traffic.sent) {
    // Evidence of delivery may be back before that of a gate.
    const { outcome, code } = await waitFor(
      `an outcome of ${id} with all its evidence`,
      async () => {
        const found = await net.client(from).message(id);
        return found.outcome !== '' && hasWholeWay(from, found) ? found : undefined;
      },
      240_000,
    );
    if (outcome !== 'delivered') losses.push(`${id} of ${from}: ${outcome} ${code}`);
    const copies = (await net.client(to).case(caseId)).received.filter((row) => row.id === id);
    if (copies.length !== 1) losses.push(`${id} is ${copies.length} times at ${to}`);
    for (const { received_at } of copies)
      arrivals.push({ way: `${urgency} ${from} to ${to}`, atMs: Date.parse(received_at) });
  }
  return { arrivals, losses };
}

/** Of each kind of message from one to the other the longest time between two deliveries, of those that end between the two times, in ms. */
export function longestGaps(
  arrivals: readonly Arrival[],
  [from, to]: readonly [from: string, to: string],
  sinceMs: number,
  untilMs: number,
): number[] {
  return KINDS.map((kind) => longestGap(arrivals, `${kind} ${from} to ${to}`, sinceMs, untilMs));
}

function longestGap(arrivals: readonly Arrival[], way: string, fromMs: number, untilMs: number): number {
  const times = arrivals
    .filter((one) => one.way === way)
    .map(({ atMs }) => atMs)
    .sort((a, b) => a - b);
  return Math.max(
    0,
    ...times.map((atMs, i) => (atMs > fromMs && atMs <= untilMs ? atMs - (times[i - 1] ?? atMs) : 0)),
  );
}
