import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { seeded } from '@entente/policy/space';
import { expect, it } from 'vitest';
import { startBreakableNetwork } from '../kit/breakable.js';
import { drawFault, SEEDS_OF_ALL } from '../kit/faults.js';
import { findLosses, judgeLogs } from '../kit/promise.js';
import { makeTraffic } from '../kit/traffic.js';

// `npm run fault -- --seeds 200 --messages 500` runs more, goes on where it was stopped, and keeps what it found.
/** One of processes and stores, and one of everything. */
const SHORT = `1,${SEEDS_OF_ALL}`;
const { FAULT_SEEDS = SHORT, FAULT_MESSAGES = '60', FAULT_RESULTS } = process.env;
const seeds = FAULT_SEEDS.split(',').map(Number);
const MESSAGES = Number(FAULT_MESSAGES);
const keep = (result: object) => {
  if (FAULT_RESULTS) appendFileSync(FAULT_RESULTS, `${JSON.stringify(result)}\n`);
};
const FAULTS = 3;
/** Longer than the longest three faults: all of them strike in the middle of it. */
const TRAFFIC_MS = 27_000;

/**
 * A gate and its ledger whose clocks are wrong in the same way agree with each other, and date wrongly what they log: that the other nation's log
 * shows it to an auditor is what is promised of that (SECURITY.md, "Time").
 */
const areOfOneWrongTime = (struck: readonly string[]) => struck.some((name) => ONE_WRONG_TIME.test(name));
const ONE_WRONG_TIME = /^clock of (?:gate|ledger)(\.\w+) (.)1 h and clock of (?:gate|ledger)\1 \2/;
const IS_OF_TIMES = /^message \w+… at \S+: \d+ min (?:before|after) it left /;

async function strike(seed: number, struck: string[]) {
  const random = seeded(seed);
  const net = await startBreakableNetwork();
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
    const { logs, disagreements } = await judgeLogs(net.home);
    const unexplained = disagreements.filter((one) => !areOfOneWrongTime(struck) || !IS_OF_TIMES.test(one));
    return { recoveredMs, losses, logs, disagreements: unexplained };
  } finally {
    await net.stop();
  }
}

it.each(seeds)(
  'seed %i: whatever fails, each message ends with evidence, once, and the logs verify and agree',
  async (seed) => {
    const struck: string[] = [];
    const found = await strike(seed, struck).catch((error: unknown) => {
      keep({ seed, struck, error: String(error) });
      throw new Error(`seed ${seed} after ${struck.join('; ')}`, { cause: error });
    });
    const { recoveredMs, ...faults } = found;
    keep({ seed, messages: MESSAGES, struck, recoveredMs, ...faults });
    expect(faults, `seed ${seed}: ${struck.join('; ')}`).toEqual({
      losses: [],
      logs: [],
      disagreements: [],
    });
  },
  1_800_000,
);
