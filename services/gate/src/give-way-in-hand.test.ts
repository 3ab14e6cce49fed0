import { type MemberId, subjects } from '@entente/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerAsLedger, type FalseLedger } from './fixture/false-ledger.js';
import { until } from './fixture/patience.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { referral, type Sealed } from './fixture/test-messages.js';
import { fromMember } from './from-member.js';
import { giveWay } from './give-way.js';

let border: TestBorder;
let ledger: FalseLedger;
beforeAll(async () => {
  border = await startBorder({ hasLedger: false, isReady: false });
  ledger = await answerAsLedger(border);
});
afterAll(async () => await border?.stop());

const handIn = async ({ bytes }: Sealed, way: 'out' | 'emergency') =>
  await fromMember(border.gate, {
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
  ledger.asked = [];
  let end = () => {};
  const isLogged = new Promise<void>((resolve) => {
    end = resolve;
  });
  const ahead = giveWay(border.gate).ahead(() => isLogged);
  const waits = handIn(ordinary, 'out');
  await handIn(urgent, 'emergency');
  expect(ledger.asked.map(({ messageHash }) => Buffer.from(messageHash))).toEqual([Buffer.from(urgent.hash)]);
  end();
  await Promise.all([ahead, waits]);
  await until('the ordinary one', () => (ledger.asked.length === 2 ? true : undefined));
});
