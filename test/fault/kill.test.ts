import { setTimeout as delay } from 'node:timers/promises';
import { verifyLedgers } from '@entente/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everySecond, phishingNotice } from '../kit/examples.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { waitFor } from '../kit/wait.js';

const MESSAGES = 200;
const IN_FLIGHT = 20;
/** A process that was killed starts again, and what it did not answer is tried again later and later. */
const PATIENCE_MS = 300_000;

let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork();
});
afterAll(async () => await net?.stop());

/** Submits like a member's system does: with its own key, again and again until it has an answer. */
async function submitAll(marker: string): Promise<string[]> {
  const ids: string[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < MESSAGES; i = next++) {
      const notice = phishingNotice('isp.fr', `${marker} ${i}`, everySecond(i));
      const accepted = await waitFor(
        `an answer to ${marker} ${i}`,
        async () =>
          await net
            .client('hotline.de')
            .send(notice, `${marker}-${i}`)
            .catch(() => undefined),
        PATIENCE_MS,
      );
      ids[i] = accepted.id;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return ids;
}

async function outcomesOf(ids: readonly string[]): Promise<string[]> {
  const client = net.client('hotline.de');
  const outcomes: string[] = [];
  for (const id of ids) {
    const message = await waitFor(
      `an outcome of ${id}`,
      async () => {
        const found = await client.message(id).catch(() => undefined);
        return found && found.outcome !== '' ? found : undefined;
      },
      PATIENCE_MS,
    );
    outcomes.push(message.outcome);
  }
  return outcomes;
}

async function deliveredSince(startedAt: string): Promise<number> {
  const { messages } = await net.client('hotline.de').messages(MESSAGES);
  return messages.filter((row) => row.created_at >= startedAt && row.outcome === 'delivered').length;
}

async function receivedSummaries(marker: string): Promise<string[]> {
  const { messages } = await net.client('isp.fr').inbox();
  const contents = await Promise.all(
    messages.map(async ({ case_id }) => (await net.client('isp.fr').case(case_id)).received),
  );
  return contents
    .flat()
    .map(({ content }) => (content as { summary: string }).summary)
    .filter((summary) => summary.startsWith(`${marker} `));
}

describe('a process that is killed in the middle of 200 messages and started again', () => {
  const victims = [
    'gate.de',
    'gate.fr',
    'ledger.de',
    'ledger.fr',
    'hotline.de',
    'isp.fr',
    'nats.de',
    'nats.fr',
    'interconnect',
  ];

  it.each(victims)(
    '%s: every message ends with an outcome, none arrives twice, every log verifies',
    async (victim) => {
      const startedAt = new Date().toISOString();
      const submitting = submitAll(victim);
      const deliveredBefore = await waitFor('the first deliveries', async () => {
        const count = await deliveredSince(startedAt);
        return count >= 10 ? count : undefined;
      });
      await net.network.kill(victim);
      // Otherwise it was in the middle of nothing, and this test would show nothing.
      expect(deliveredBefore).toBeLessThan(MESSAGES);
      await delay(500);
      await net.network.restart(victim);
      const ids = await submitting;
      expect(new Set(ids).size).toBe(MESSAGES);
      expect(await outcomesOf(ids)).toEqual(ids.map(() => 'delivered'));
      const summaries = await receivedSummaries(victim);
      expect(summaries.toSorted()).toEqual(
        Array.from({ length: MESSAGES }, (_, i) => `${victim} ${i}`).toSorted(),
      );
      expect((await verifyLedgers(net.home)).map(({ faults }) => faults)).toEqual([[], []]);
    },
    900_000,
  );
});
