import type { Bus } from '@entente/bus';
import { type MemberId, subjects } from '@entente/contract';
import { createRateLimit } from '@entente/runtime';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startBorder, type TestBorder, until } from './fixture/test-border.js';
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
    const answers = async (id: string) =>
      (await border.deliveredTo(id)).flatMap(({ answer }) => answer?.messageId ?? []);
    const isOtherTold = async () => (await answers('prosecutor.nl')).includes(urgent.id) || undefined;
    await until('the other has its answer', isOtherTold);
    const done = new Set(await answers('hotline.nl'));
    const seconds = Math.floor((Date.now() - startedMs) / 1000) + 2;
    expect(done.size).toBeLessThanOrEqual(PER_SECOND * seconds);
    const areAllTold = async () => {
      for (const id of await answers('hotline.nl')) done.add(id);
      return flood.every(({ id }) => done.has(id)) || undefined;
    };
    await until('all that was taken has its answer', areAllTold, 45_000);
    expect(Date.now() - startedMs).toBeGreaterThan((MOST / PER_SECOND - 2) * 1000);
    expect(await border.metrics.text()).toMatch(/entente_gate_deferred_total [1-9]/);
    await hand(flooder, 'hotline.nl', (await inside()).bytes);
  },
  60_000,
);
