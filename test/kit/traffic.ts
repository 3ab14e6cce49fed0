import { setTimeout as delay } from 'node:timers/promises';
import { notice, removed } from './case-work.js';
import type { TestNetwork } from './network.js';
import { waitFor } from './wait.js';

export interface Traffic {
  readonly sent: readonly {
    readonly from: string;
    readonly to: string;
    readonly id: string;
    readonly caseId: string;
  }[];
  /** Updates that recipients said, by the member that said them. */
  readonly said: readonly { readonly by: string; readonly id: string }[];
  /** When the last one was handed in. */
  readonly endedMs: number;
}

const IN_FLIGHT = 16;
const WAYS = [
  ['hotline.de', 'isp.fr'],
  ['hotline.fr', 'isp.de'],
  ['hotline.de', 'isp.de'],
] as const;

/**
 * Members' own systems at work: referrals over a border both ways and inside a nation, each handed in under its own key again and
 * again until it has an answer; and recipients who tell the outcome of every second one as soon as it is there.
 * @param marker begins each key: other referrals need another one
 * @param overMs the referrals are handed in one after the other over so long a time
 */
export async function makeTraffic(
  net: TestNetwork,
  count: number,
  overMs: number,
  marker = 'referral',
): Promise<Traffic> {
  const startedMs = Date.now();
  const sent: Traffic['sent'][number][] = [];
  const said: Traffic['said'][number][] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < count; i = next++) {
      await delay(Math.max(0, startedMs + (i / count) * overMs - Date.now()));
      const [from, to] = WAYS[i % WAYS.length] as (typeof WAYS)[number];
      const { id, case_id: caseId } = await insist(`an answer to ${i}`, () =>
        net.client(from).send(notice(to), `${marker}-${i}`),
      );
      sent.push({ from, to, id, caseId });
      if (i % 2 === 0) said.push({ by: to, ...(await answer(net, to, caseId)) });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return { sent, said, endedMs: Date.now() };
}

async function answer(net: TestNetwork, to: string, caseId: string): Promise<{ readonly id: string }> {
  return await insist(`the case ${caseId} at ${to}`, () =>
    net.client(to).update(caseId, removed('i1', 'i2'), `outcome-${caseId}`),
  );
}

async function insist<T>(what: string, ask: () => Promise<T>): Promise<T> {
  return await waitFor(what, async () => await ask().catch(() => undefined), 600_000);
}
