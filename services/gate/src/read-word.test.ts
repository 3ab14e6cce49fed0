import { newId, wire } from '@entente/contract';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { answerAsLedger, type FalseLedger } from './fixture/false-ledger.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import {
  approval,
  type Claim,
  HELD,
  handedIn,
  referral,
  type Sealed,
  statement,
} from './fixture/test-messages.js';
import { fromMember } from './from-member.js';

// A ledger that hands over, as words about a held message, what are none. Whoever could log for a gate could write such entries.

let border: TestBorder;
let ledger: FalseLedger;
beforeAll(async () => {
  border = await startBorder({ hasLedger: false, isReady: false });
  ledger = await answerAsLedger(border);
});
afterAll(async () => await border?.stop());
let order: Sealed;
beforeEach(async () => {
  order = await referral(border, HELD);
});

const inside = (event: string, more: Claim = {}): Claim => ({
  stage: 'inside',
  record: { event, ...more.record },
  leaf: { event, ...more.leaf },
});
const word = async (about: { id: string; hash: Uint8Array } = order) =>
  await approval(border, { by: 'court.nl', about });

/** The steps that are asked for while the ledger hands over these entries about the order. */
const stepsWith = async (...approvals: wire.EntryFrame[]): Promise<string[]> => {
  const verdict = { decision: 'hold', awaits: ['court@NL'], holdMinutes: 60 };
  const hold = await ledger.entry(order, { stage: 'inside', record: { verdict } });
  ledger.asked = [];
  ledger.replies = [
    async () => ({ entry: hold, approvals }),
    async (record) => ({ entry: await ledger.entry(order, { stage: 'inside', record }) }),
  ];
  expect(await fromMember(border.gate, handedIn('prosecutor.nl', order.bytes))).toBe('done');
  return ledger.asked.map(({ step }) => step);
};

it('a word that was logged as one ends the hold', async () => {
  const released = await word();
  const steps = await stepsWith(await ledger.entry(released, inside('approval')));
  expect(steps).toEqual(['first', released.hash.toString('hex')]);
});

it.each<[string, () => Promise<wire.EntryFrame>]>([
  [
    'is evidence in its leaf',
    async () => await ledger.entry(await word(), inside('approval', { leaf: { event: 'evidence' } })),
  ],
  [
    'is evidence in its record',
    async () => await ledger.entry(await word(), inside('approval', { record: { event: 'evidence' } })),
  ],
  [
    'was refused',
    async () =>
      await ledger.entry(await word(), inside('approval', { record: { verdict: { decision: 'refuse' } } })),
  ],
  [
    'has no verdict',
    async () => await ledger.entry(await word(), inside('approval', { record: { verdict: null } })),
  ],
  [
    'is about another message',
    async () =>
      await ledger.entry(await word({ id: order.id, hash: Buffer.alloc(32, 9) }), inside('approval')),
  ],
  [
    'is evidence in its seal',
    async () => {
      const about = [{ id: order.id, hash: order.hash, code: 'lawful' }];
      const said = { from: 'court.nl', to: 'prosecutor.nl', evidence: 'released', about };
      return await ledger.entry(await statement(border, said), inside('approval'));
    },
  ],
  [
    'is about no message',
    async () => {
      const none = await statement(border, {
        from: 'court.nl',
        to: 'prosecutor.nl',
        about: [],
        header: { kind: wire.Kind.KIND_APPROVAL, inReplyTo: newId() },
      });
      return await ledger.entry(none, inside('approval'));
    },
  ],
  [
    'says nothing at all',
    async () => {
      const header = { kind: wire.Kind.KIND_APPROVAL, statement: null, inReplyTo: newId() };
      const none = await statement(border, { from: 'court.nl', to: 'prosecutor.nl', about: [], header });
      return await ledger.entry(none, inside('approval'));
    },
  ],
])('what %s is no word', async (_what, make) => {
  expect(await stepsWith(await make())).toEqual(['first']);
});
