import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { seeded } from '@entente/policy/space';
import { expect, it } from 'vitest';
import { startBreakableNetwork } from '../kit/breakable.js';
import { drawFault, SEEDS_OF_ALL } from '../kit/faults.js';
import { findLosses, judgeLogs } from '../kit/promise.js';
import { makeTraffic } from '../kit/traffic.js';

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

it.each(seeds)(
  'seed %i: whatever fails, each message ends with evidence, once, and the logs verify and agree',
  async (seed) => {
    const random = seeded(seed);
    const net = await startBreakableNetwork();
    const struck: string[] = [];
    try {
      const traffic = makeTraffic(net, MESSAGES, TRAFFIC_MS);
      for (let i = 0; i < FAULTS; i++) {
        await delay(500 + random() * 1500);
        const fault = drawFault(random, net.home, seed >= SEEDS_OF_ALL);
        struck.push(fault.name);
        await fault.strike(net);
      }
      const healedMs = Date.now();
      const made = await traffic;
      const losses = await findLosses(net, made);
      const recoveredMs = Date.now() - Math.max(healedMs, made.endedMs);
      const found = { losses, ...(await judgeLogs(net.home)) };
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
  1_800_000,
);

it('has a seed to run', () => {
  expect(SEEDS).toBeGreaterThan(0);
});
