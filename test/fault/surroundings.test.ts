import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BreakableNetwork, startBreakableNetwork } from '../kit/breakable.js';
import { findLosses, judgeLogs } from '../kit/promise.js';
import { hasSmallDisks } from '../kit/small-disk.js';
import { cutLine, fillDisk, shiftClock } from '../kit/surroundings.js';
import { makeTraffic } from '../kit/traffic.js';
import { waitFor } from '../kit/wait.js';

/** `npm run fault -- surroundings` strikes all; the suite one of each kind. */
const isWhole = process.env.FAULT_SURROUNDINGS === 'all';
const MESSAGES = 45;
const TRAFFIC_MS = 9000;
const RECOVER_WITHIN_MS = 240_000;

let net: BreakableNetwork;
beforeAll(async () => {
  net = await startBreakableNetwork();
});
afterAll(async () => await net?.stop());

/** Traffic goes on over the border and inside while something is wrong, and everything of it is as promised afterwards. */
async function keepsPromise(marker: string, strike: () => Promise<void>): Promise<void> {
  const traffic = makeTraffic(net, MESSAGES, TRAFFIC_MS, marker);
  await delay(1500);
  await strike();
  const losses = await findLosses(net, await traffic, RECOVER_WITHIN_MS);
  expect({ losses, ...(await judgeLogs(net.home)) }).toEqual({ losses: [], logs: [], disagreements: [] });
}

/** Says of itself that it lacks something, or nothing any more. */
async function saysOf(name: string, need: 'clock' | 'room', isThere: boolean): Promise<void> {
  await waitFor(`${name} to say ${need}: ${isThere}`, async () => {
    const response = await fetch(`http://127.0.0.1:${net.home.operationPorts?.[name]}/health/ready`);
    const { needs } = (await response.json()) as { readonly needs: Readonly<Record<string, boolean>> };
    return needs[need] === isThere || undefined;
  });
}

describe('a clock that is wrong for a while', () => {
  const cases = [
    { name: 'ledger.de', hours: 1 },
    { name: 'hotline.de', hours: 1 },
    { name: 'isp.fr', hours: -1 },
    { name: 'gate.de', hours: -1 },
    { name: 'gate.fr', hours: 1 },
    { name: 'ledger.fr', hours: -1 },
  ];

  it.each(cases.slice(0, isWhole ? cases.length : 1))(
    '$name, by $hours h: nothing is lost or doubled, and no log says what is not so',
    async ({ name, hours }) => {
      await keepsPromise(`clock ${name} ${hours}`, async () => {
        await shiftClock(net, name, hours, () => saysOf(name, 'clock', false));
      });
      await saysOf(name, 'clock', true);
    },
    900_000,
  );
});

describe.runIf(hasSmallDisks)('a disk that is full for a while', () => {
  it.each(['hotline.de', 'ledger.fr', 'isp.fr', 'ledger.de'].slice(0, isWhole ? 4 : 2))(
    '%s: nothing is lost or doubled, and all goes on by itself',
    async (name) => {
      await keepsPromise(`disk ${name}`, async () => {
        await fillDisk(net, name, () => saysOf(name, 'room', false));
      });
      await saysOf(name, 'room', true);
    },
    900_000,
  );
});

describe('a line on which nothing gets through, and no connection is closed', () => {
  // Longer than a dead connection takes to be noticed.
  it.each(['gate.fr', 'nats.de', 'isp.fr', 'ledger.de'].slice(0, isWhole ? 4 : 1))(
    '%s: nothing is lost or doubled',
    async (name) => {
      await keepsPromise(`line ${name}`, () => cutLine(net, name, 17_000));
    },
    900_000,
  );
});
