import { parseProof } from '@entente/audit';
import type { Bus } from '@entente/bus';
import { type MemberId, subjects } from '@entente/contract';
import { createRateLimit } from '@entente/runtime';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { LONG_MS, until } from './fixture/patience.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { referral } from './fixture/test-messages.js';
import { createGate } from './gate.js';

// The attacker is a member with its own credential and key, or its system gone wrong: it hands in as fast as the server takes it.

let border: TestBorder;
let gate: ReturnType<typeof createGate> | undefined;
beforeAll(async () => {
  border = await startBorder({ hasGermanPack: true });
});
afterEach(async () => await gate?.stop());
afterAll(async () => await border?.stop());

const MOST = 256;
const PER_SECOND = 20;
const WAYS = [
  ['out', {}],
  ['emergency', { facts: { urgency: 'emergency' } }],
] as const;

it.each(WAYS)(
  'a member that floods (edge.%s) neither fills the queue for another nor delays it, and loses nothing that was taken',
  { timeout: 2 * LONG_MS },
  async (way, declared) => {
    const hand = async (member: Bus, id: string, bytes: Uint8Array) =>
      await member.publish(subjects[way](id as MemberId), bytes, { timeoutMs: 4000 });
    const inside = async (from = 'hotline.nl') =>
      await referral(border, { from, to: 'isp.nl hosting', ...declared });
    const flooder = await border.openMember('hotline.nl');
    const other = await border.openMember('prosecutor.nl');
    const flood = await Promise.all(Array.from({ length: MOST }, async () => await inside()));
    for (const { bytes } of flood) await hand(flooder, 'hotline.nl', bytes);
    const [one] = flood;
    await expect(hand(flooder, 'hotline.nl', one?.bytes ?? new Uint8Array())).rejects.toMatchObject({
      code: 'full',
    });
    const urgent = await inside('prosecutor.nl');
    await hand(other, 'prosecutor.nl', urgent.bytes);

    const mayHandIn = createRateLimit(PER_SECOND, Date.now);
    const own = { ...border.gate, bus: await border.openGate(), cross: await border.openGate(true) };
    gate = createGate({ ...own, mayHandIn });
    const startedMs = Date.now();
    await gate.start();
    /** Each message that has its answer, and which entry of the log that is. */
    const answers = async (id: string) =>
      (await border.deliveredTo(id)).flatMap(({ answer }): [string, number][] =>
        answer?.entry ? [[answer.messageId, parseProof(answer.entry.proof).index]] : [],
      );
    const findOther = async () => new Map(await answers('prosecutor.nl')).get(urgent.id);
    const index = await until('the other has its answer', findOther, LONG_MS);
    const done = new Map(await answers('hotline.nl'));
    const seconds = Math.floor((Date.now() - startedMs) / 1000) + 2;
    expect(done.size).toBeLessThanOrEqual(PER_SECOND * seconds);
    const areAllTold = async () => {
      for (const [id, at] of await answers('hotline.nl')) done.set(id, at);
      return flood.every(({ id }) => done.has(id)) || undefined;
    };
    await until('all that was taken has its answer', areAllTold, LONG_MS);
    // By the order of the log, however busy the machine is: the other did not wait for half of what was there before it.
    expect(flood.filter(({ id }) => Number(done.get(id)) < index).length).toBeLessThan(MOST / 2);
    expect(Date.now() - startedMs).toBeGreaterThan((MOST / PER_SECOND - 2) * 1000);
    expect(await border.metrics.text()).toMatch(/entente_gate_deferred_total [1-9]/);
    await hand(flooder, 'hotline.nl', (await inside()).bytes);
  },
);
