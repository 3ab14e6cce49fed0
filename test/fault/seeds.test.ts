import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { chooseLogs, reconcile, verifyLedgers } from '@entente/cli';
import { seeded } from '@entente/policy/space';
import { expect, it } from 'vitest';
import { drawFault } from '../kit/faults.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { makeTraffic, type Traffic } from '../kit/traffic.js';
import { waitFor } from '../kit/wait.js';

// `npm run fault -- --seeds 200 --messages 500` runs more, goes on where it was stopped, and keeps what it found.
const number = (name: string, usual: number) => Number(process.env[`FAULT_${name}`] ?? usual);
const [SEEDS, FROM, MESSAGES] = [number('SEEDS', 2), number('FROM', 1), number('MESSAGES', 60)];
const RESULTS = process.env.FAULT_RESULTS;
const done = new Set(
  RESULTS && existsSync(RESULTS)
    ? readFileSync(RESULTS, 'utf8')
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { seed: number }).seed)
    : [],
);
const seeds = Array.from({ length: SEEDS }, (_, i) => FROM + i).filter((seed) => !done.has(seed));
const FAULTS = 3;
/** Longer than the longest three faults: all of them strike in the middle of it. */
const TRAFFIC_MS = 27_000;

/** What of the messages is not as it was promised. */
async function findLosses(net: TestNetwork, { sent, said }: Traffic): Promise<string[]> {
  const losses: string[] = [];
  const ended = async (by: string, id: string) => {
    const message = await waitFor(
      `an outcome of ${id}`,
      async () => {
        const found = await net.client(by).message(id);
        return found.outcome === '' ? undefined : found;
      },
      300_000,
    );
    if (message.outcome !== 'delivered') losses.push(`${id} of ${by}: ${message.outcome} ${message.code}`);
  };
  for (const { from, id } of sent) await ended(from, id);
  for (const { by, id } of said) await ended(by, id);
  for (const { from, to, id, caseId } of sent) {
    const [there, here] = [await net.client(to).case(caseId), await net.client(from).case(caseId)];
    const copies = there.received.filter((row) => row.id === id).length;
    if (copies !== 1) losses.push(`${id} is ${copies} times at ${to}`);
    const view = ({ state, items, said: all }: (typeof here.referrals)[number]) =>
      JSON.stringify({ state, items, all });
    const [ours, theirs] = [here.referrals[0], there.referrals[0]];
    if (!ours || !theirs || view(ours) !== view(theirs)) losses.push(`the ends do not agree about ${caseId}`);
  }
  return losses;
}

it.each(seeds)(
  'seed %i: whatever fails, each message ends with evidence, once, and the logs verify and agree',
  async (seed) => {
    const random = seeded(seed);
    const net = await startTestNetwork();
    const struck: string[] = [];
    try {
      const traffic = makeTraffic(net, MESSAGES, TRAFFIC_MS);
      for (let i = 0; i < FAULTS; i++) {
        await delay(500 + random() * 1500);
        const fault = drawFault(random, net.home);
        struck.push(fault.name);
        await fault.strike(net);
      }
      const healedMs = Date.now();
      const made = await traffic;
      const losses = await findLosses(net, made);
      const recoveredMs = Date.now() - Math.max(healedMs, made.endedMs);
      const logs = (await verifyLedgers(net.home)).flatMap(({ nation, faults }) =>
        faults.map((fault) => `${nation}: ${JSON.stringify(fault)}`),
      );
      const { disagreements } = await reconcile(chooseLogs({ home: net.home.dir }));
      const found = { losses, logs, disagreements: disagreements.map(({ detail }) => detail) };
      const result = { seed, messages: MESSAGES, struck, recoveredMs, ...found };
      if (RESULTS) appendFileSync(RESULTS, `${JSON.stringify(result)}\n`);
      expect(found, `seed ${seed}: ${struck.join('; ')}`).toEqual({
        losses: [],
        logs: [],
        disagreements: [],
      });
    } catch (error) {
      throw new Error(`seed ${seed} after ${struck.join('; ')}`, { cause: error });
    } finally {
      await net.stop();
    }
  },
  600_000,
);

it('has a seed to run', () => {
  expect(SEEDS).toBeGreaterThan(0);
});
