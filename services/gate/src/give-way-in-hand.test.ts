import { type MemberId, subjects } from '@entente/contract';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { answerAsLedger, type FalseLedger } from './fixture/false-ledger.js';
import { until } from './fixture/patience.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { referral, type Sealed } from './fixture/test-messages.js';
import { fromMember } from './from-member.js';
import { giveWay } from './give-way.js';
import { append } from './ledger-client.js';

let border: TestBorder;
let ledger: FalseLedger;
let gate: TestBorder['gate'];
beforeAll(async () => {
  border = await startBorder({ hasLedger: false, isReady: false });
  // Longer than this machine may stand still.
  gate = { ...border.gate, giveWayMs: 60_000 };
  ledger = await answerAsLedger(border);
});
afterAll(async () => await border?.stop());
beforeEach(() => {
  ledger.asked = [];
});

const handIn = async ({ bytes }: Sealed, way: 'out' | 'emergency') =>
  await fromMember(gate, {
    ...{ subject: subjects[way]('hotline.nl' as MemberId), data: bytes, message: '1' },
    ...{ traceparents: [], redeliveries: 0 },
  });

it('what a gate has in hand is not judged, and not logged, before the emergency that came after it', async () => {
  const inside = async (facts = {}) => await referral(border, { to: 'isp.nl hosting', facts });
  const [ordinary, urgent] = [await inside(), await inside({ urgency: 'emergency' })];
  ledger.replies = [
    async ({ messageHash }) => ({
      entry: await ledger.entry(Buffer.from(messageHash).equals(urgent.hash) ? urgent : ordinary, {
        record: { stage: 'inside' },
      }),
    }),
  ];
  let end = () => {};
  const isLogged = new Promise<void>((resolve) => {
    end = resolve;
  });
  const ahead = giveWay(gate).ahead(() => isLogged);
  const waits = handIn(ordinary, 'out');
  await handIn(urgent, 'emergency');
  expect(ledger.asked.map(({ messageHash }) => Buffer.from(messageHash))).toEqual([Buffer.from(urgent.hash)]);
  end();
  await Promise.all([ahead, waits]);
  await until('the ordinary one', () => (ledger.asked.length === 2 ? true : undefined));
});

it('the append of an emergency is asked for beside what is under way, and waits for no other', async () => {
  const [ordinary, urgent] = [await referral(border), await referral(border)];
  let answer = () => {};
  const isHeld = new Promise<void>((resolve) => {
    answer = resolve;
  });
  ledger.replies = [
    async () => {
      await isHeld;
      return { entry: await ledger.entry(ordinary) };
    },
    async () => ({ entry: await ledger.entry(urgent) }),
  ];
  const appended = async ({ envelope: { seal }, hash: messageHash }: Sealed, isAhead = false) => {
    const about = { event: 'crossing', stage: 'leave', step: 'first', seal, messageHash } as const;
    return (await append(gate, { ...about, verdict: { decision: 'permit' } }, isAhead)).record.messageHash;
  };
  const underWay = appended(ordinary);
  await until('the first to be asked for', () => (ledger.asked.length > 0 ? true : undefined));
  expect(await appended(urgent, true)).toEqual(urgent.hash);
  answer();
  expect(await underWay).toEqual(ordinary.hash);
});
