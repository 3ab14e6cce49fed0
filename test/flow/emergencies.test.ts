import type { SentMessage } from '@entente/cli';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { arrived } from '../kit/case-work.js';
import { phishingNotice } from '../kit/examples.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { waitFor } from '../kit/wait.js';

// While somebody's life is in danger, a process stands still, and much waits for it.

let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork();
});
afterAll(async () => await net?.stop());

const WAITING = 200;
/** In hand at once: what was when the process began may come first. */
const IN_HAND = 64;
const HOTLINE = 'hotline.de';
const ISP = 'isp.fr';
const timeout = 600_000;

const send = async (urgency: string) =>
  (await net.client(HOTLINE).send(phishingNotice(ISP, 'A login page that imitates a bank.', { urgency }))).id;
const untilSaid = async (id: string, evidence: string): Promise<SentMessage> =>
  await waitFor(
    `${evidence} of ${id}`,
    async () => {
      const message = await net.client(HOTLINE).message(id);
      return message.evidence.some((one) => one.evidence === evidence) ? message : undefined;
    },
    timeout / 4,
  );

it.each([
  ['at the gate of the other nation', 'gate.fr', 'submission-accepted', 'relay-accepted'],
  ['for its recipient', 'isp.fr', 'relay-accepted', 'delivered'],
])(
  'an emergency is handled before the 200 that wait %s',
  { timeout },
  async (_where, name, before, after) => {
    await net.network.kill(name);
    const many: string[] = [];
    // One after the other, so that each is a message of the bus by itself: those of one are in hand together.
    for (let i = 0; i < WAITING; i++) {
      const id = await send('routine');
      await untilSaid(id, before);
      many.push(id);
    }
    const last = await send('emergency');
    await untilSaid(last, before);
    await net.network.restart(name);

    const timeOf = async (id: string) => {
      const { evidence } = await untilSaid(id, after);
      return Date.parse(evidence.find((one) => one.evidence === after)?.at ?? '');
    };
    const own = await timeOf(last);
    const others: number[] = [];
    for (const id of many) others.push(await timeOf(id));
    expect(others.filter((time) => time < own).length).toBeLessThanOrEqual(IN_HAND);
    for (const id of [last, ...many]) await arrived(net, HOTLINE, id);
  },
);
