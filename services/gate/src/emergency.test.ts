import { parseProof } from '@entente/audit';
import type { Bus } from '@entente/bus';
import { type MemberId, subjects } from '@entente/contract';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { LONG_MS, until } from './fixture/patience.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { type Message, referral, type Sealed } from './fixture/test-messages.js';
import { summary } from './fixture/test-readers.js';
import { createGate } from './gate.js';

// While somebody's life is in danger, queues are long: because a member sends much, or in order to keep the others waiting.

let border: TestBorder;
let hotline: Bus;
let prosecutor: Bus;
const gates: ReturnType<typeof createGate>[] = [];
beforeAll(async () => {
  border = await startBorder({ hasGermanPack: true });
  hotline = await border.openMember('hotline.nl');
  prosecutor = await border.openMember('prosecutor.nl');
});
afterAll(async () => await border?.stop());
afterEach(async () => {
  for (const gate of gates.splice(0)) await gate.stop();
  // What a gate was given twice it has answered twice.
  await border.forgetAll();
  border.said();
});

const MOST = 256;
const timeout = 2 * LONG_MS;
const start = async () => {
  const gate = createGate({
    ...border.gate,
    bus: await border.openGate(),
    cross: await border.openGate(true),
  });
  gates.push(gate);
  await gate.start();
};
const inside = async (message: Message = {}) => await referral(border, { to: 'isp.nl hosting', ...message });
const emergency = async (from = 'hotline.nl') => await inside({ from, facts: { urgency: 'emergency' } });
const hand = async (member: Bus, id: string, { bytes }: Sealed, way: 'out' | 'emergency' = 'out') =>
  await member.publish(subjects[way](id as MemberId), bytes, { timeoutMs: 4000 });

interface Told {
  readonly id: string;
  readonly words: string;
  /** Which entry of the log it is; 0: on record is none. */
  readonly index: number;
}

/** What the gate has told a member since the last call. */
const told = async (member = 'hotline.nl'): Promise<Told[]> =>
  (await border.deliveredTo(member)).map((delivery) => ({
    id: delivery.answer?.messageId ?? '',
    words: summary(delivery),
    index: delivery.answer?.entry ? parseProof(delivery.answer.entry.proof).index : 0,
  }));

/** Until the gate has told a member so much. */
const untilTold = async (count: number, member?: string): Promise<Told[]> => {
  const all: Told[] = [];
  return await until(
    `${count} answers`,
    async () => {
      all.push(...(await told(member)));
      return all.length >= count ? all : undefined;
    },
    LONG_MS,
  );
};

/** What the gate tells a member of one message next. */
const untilToldOf = async ({ id }: Sealed, member?: string): Promise<string> =>
  await until('an answer', async () => (await told(member)).find((one) => one.id === id)?.words, LONG_MS);

it('an emergency is logged before what waits of its own member and of the others', { timeout }, async () => {
  const own = await Promise.all(Array.from({ length: 200 }, async () => await inside()));
  for (const one of own) await hand(hotline, 'hotline.nl', one);
  const others = await Promise.all(
    Array.from({ length: 50 }, async () => await inside({ from: 'prosecutor.nl' })),
  );
  for (const one of others) await hand(prosecutor, 'prosecutor.nl', one);
  const last = await emergency();
  await hand(hotline, 'hotline.nl', last, 'emergency');
  await start();
  const mine = await untilTold(201);
  const all = [...mine, ...(await untilTold(50, 'prosecutor.nl'))];
  const index = all.find(({ id }) => id === last.id)?.index ?? Number.POSITIVE_INFINITY;
  // What was in hand when the gate began may come first.
  expect(all.filter((one) => one.index < index).length).toBeLessThanOrEqual(64);
  expect(new Set(mine.map(({ words }) => words))).toEqual(new Set(['submission-accepted crossing']));
  expect(await border.metrics.text()).toMatch(
    /entente_gate_handling_seconds_count\{queue="emergency"\} [1-9]/,
  );
});

it('what declares none is returned and not logged, fills no queue but its own, and may pass in the ordinary way', {
  timeout,
}, async () => {
  const pretended = await inside();
  for (let i = 0; i < MOST; i++) await hand(hotline, 'hotline.nl', pretended, 'emergency');
  await expect(hand(hotline, 'hotline.nl', pretended, 'emergency')).rejects.toMatchObject({ code: 'full' });
  const theirs = await emergency('prosecutor.nl');
  await hand(prosecutor, 'prosecutor.nl', theirs, 'emergency');
  const size = border.logSize();
  await start();
  // What the rules say of it is on record.
  expect(await untilToldOf(theirs, 'prosecutor.nl')).toBe('submission-rejected crossing');
  const notices = await untilTold(MOST);
  expect(new Set(notices.map(({ words }) => words))).toEqual(new Set(['notice not-an-emergency']));
  expect(border.logSize()).toBe(size + 1);
  await hand(hotline, 'hotline.nl', pretended);
  expect(await untilToldOf(pretended)).toBe('submission-accepted crossing');
});

it("another member's emergency is taken on neither way", async () => {
  const { bytes, ...rest } = await emergency('prosecutor.nl');
  await hand(hotline, 'hotline.nl', { bytes, ...rest }, 'emergency');
  await start();
  expect(new Set((await untilTold(1)).map(({ words }) => words))).toEqual(
    new Set(['notice sender-mismatch']),
  );
  expect(await told('prosecutor.nl')).toEqual([]);
});

it('handed in on both ways, and taken by two gates, it has one entry', async () => {
  const many = await Promise.all(Array.from({ length: 20 }, async () => await emergency()));
  const size = border.logSize();
  await Promise.all([start(), start()]);
  for (const one of many) {
    await hand(hotline, 'hotline.nl', one, 'emergency');
    await hand(hotline, 'hotline.nl', one);
  }
  const all: Told[] = [];
  const times = (id: string) => all.filter((one) => one.id === id).length;
  const areToldTwice = async () => {
    all.push(...(await told()));
    return many.every(({ id }) => times(id) >= 2) || undefined;
  };
  await until('an answer on both ways', areToldTwice, LONG_MS);
  expect(new Set(all.map(({ id, index }) => `${id} ${index}`)).size).toBe(20);
  expect(border.logSize()).toBe(size + 20);
});

it('one that was set aside is handled again as the emergency that it is', async () => {
  const { quarantine } = border.gate;
  const both = { a: await emergency(), b: await inside() };
  for (const [id, { bytes }] of Object.entries(both)) {
    const message = { source: 'hotline_nl', subject: subjects.emergency('hotline.nl' as MemberId), bytes };
    quarantine.keep(id.repeat(32), message, new Error('our fault'), Date.now());
    quarantine.ask(id.repeat(32));
  }
  await start();
  const words = (await untilTold(2)).map((one) => one.words);
  expect(words.toSorted()).toEqual(['notice not-an-emergency', 'submission-accepted crossing']);
  await until('it is gone', () => (quarantine.count() === 0 ? true : undefined));
});

it('for a nation whose gate knows no way ahead takes the ordinary one', async () => {
  const abroad = await referral(border, { facts: { urgency: 'emergency' } });
  await hand(hotline, 'hotline.nl', abroad, 'emergency');
  await start();
  expect(await untilToldOf(abroad)).toBe('submission-accepted crossing');
  const ways = (await border.crossed()).filter(({ passage }) => passage).map(({ subject }) => subject);
  expect(ways).toEqual(['cross.DE.NL.hotline_nl']);
});
