import { newId, type wire } from '@entente/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import {
  type Claim,
  entryOf,
  fromAbroad,
  type Message,
  referral,
  type Sealed,
} from './fixture/test-messages.js';
import { summary } from './fixture/test-readers.js';
import { fromNation } from './from-nation.js';

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder();
});
afterAll(async () => await border?.stop());
beforeEach(() => void border.said());

const GERMAN = { from: 'hotline.de', to: 'isp.nl hosting' } as const;
const german = async (message: Message = {}) => await referral(border, { ...GERMAN, ...message });
const told = async (member: string) => (await border.deliveredTo(member)).map(summary);

describe("evidence of another nation's gate", () => {
  const dutch = async (message: Message = {}) => await referral(border, message);
  const entered: Claim = { stage: 'enter' };
  const answerAbout = (
    message: Sealed,
    entry: wire.EntryFrame | null,
    more: Partial<wire.AnswerFrame> = {},
  ) => ({
    ...{
      evidence: 'relay-accepted',
      messageId: message.id,
      messageHash: message.hash,
      to: 'hotline.nl',
      entry,
    },
    ...more,
  });
  const come = async (answer: ReturnType<typeof answerAbout>) =>
    await fromNation(border.gate, await fromAbroad(border, { answer }));

  it('goes to the sender of the message as it is', async () => {
    const message = await dutch();
    const size = border.logSize();
    const answer = answerAbout(message, await entryOf(border, message, entered));
    expect(await come(answer)).toBe('done');
    const [delivery, ...more] = await border.deliveredTo('hotline.nl');
    expect(more).toEqual([]);
    expect(delivery?.answer).toEqual(answer);
    expect(border.logSize()).toBe(size);
    expect(border.said()).toEqual([]);
  });

  it.each<[string, string, (message: Sealed) => Promise<ReturnType<typeof answerAbout>>]>([
    ['without its entry', 'proof-missing', async (message) => answerAbout(message, null)],
    [
      'of our own log',
      'proof-wrong',
      async (message) =>
        answerAbout(message, await entryOf(border, message, { ...entered, nation: border.nations.nl })),
    ],
    [
      'about another hash',
      'proof-wrong',
      async (message) =>
        answerAbout(message, await entryOf(border, message, entered), { messageHash: Buffer.alloc(32) }),
    ],
    [
      'with a seal beside the hash of another',
      'proof-wrong',
      async (message) => {
        const other = await dutch();
        const claim = { ...entered, record: { seal: other.envelope.seal } };
        return answerAbout(message, await entryOf(border, message, claim), { messageId: other.id });
      },
    ],
    [
      'about another id',
      'sender-mismatch',
      async (message) =>
        answerAbout(message, await entryOf(border, message, entered), { messageId: newId() }),
    ],
    [
      'for another member',
      'sender-mismatch',
      async (message) => answerAbout(message, await entryOf(border, message, entered), { to: 'isp.nl' }),
    ],
    [
      'for its recipient',
      'sender-mismatch',
      async (message) => answerAbout(message, await entryOf(border, message, entered), { to: 'isp.de' }),
    ],
    [
      'for nobody',
      'sender-mismatch',
      async (message) => answerAbout(message, await entryOf(border, message, entered), { to: '' }),
    ],
  ])('%s is dropped', async (_what, code, make) => {
    const answer = await make(await dutch());
    expect(await come(answer)).toBe('drop');
    expect(border.said()).toMatchObject([{ level: 'warn', facts: { code } }]);
    expect(await told('hotline.nl')).toEqual([]);
    expect(await told('isp.nl')).toEqual([]);
  });

  it('about a message of its own member is not for us', async () => {
    const message = await german();
    const answer = answerAbout(message, await entryOf(border, message, entered), { to: 'hotline.de' });
    expect(await come(answer)).toBe('drop');
    expect(border.said()).toMatchObject([{ facts: { code: 'sender-mismatch' } }]);
  });

  describe('that it holds a message', () => {
    const hold = (awaits: readonly string[], more: Partial<wire.RecordFrame> = {}): Claim => ({
      stage: 'leave',
      record: { verdict: { decision: 'hold', awaits, holdMinutes: 60 }, ...more },
    });
    const heldFor = async (to: string, claim: Claim, evidence = 'held') => {
      const message = await referral(border, { from: 'prosecutor.de', to: 'isp.nl access' });
      return await come(answerAbout(message, await entryOf(border, message, claim), { evidence, to }));
    };

    it('goes to a member of ours who may release it, in any role that it has', async () => {
      expect(await heldFor('court.nl', hold(['ministry@DE', 'court@NL']))).toBe('done');
      expect(await told('court.nl')).toEqual(['held crossing']);
      expect(await heldFor('magistrate.nl', hold(['court@NL']))).toBe('done');
      expect(await told('magistrate.nl')).toEqual(['held crossing']);
    });

    it.each<[string, string, string, Claim, string?]>([
      ['who has not the role', 'police.nl', 'sender-mismatch', hold(['court@NL'])],
      ['of another nation than is awaited', 'court.nl', 'sender-mismatch', hold(['court@DE'])],
      ['that awaits nobody', 'court.nl', 'sender-mismatch', hold([])],
      ['that has ended', 'court.nl', 'sender-mismatch', hold(['court@NL'], { step: 'a'.repeat(64) })],
      ['that is a rejection', 'court.nl', 'sender-mismatch', hold(['court@NL'], { event: 'rejection' })],
      [
        'that is a permit',
        'court.nl',
        'sender-mismatch',
        { record: { verdict: { decision: 'permit', awaits: ['court@NL'] } } },
      ],
      ['who is told another word', 'court.nl', 'sender-mismatch', hold(['court@NL']), 'relay-accepted'],
      ['who is suspended', 'gone.nl', 'recipient-unknown', hold(['court@NL'])],
      ['who is to receive it', 'isp.nl', 'sender-mismatch', hold(['access@NL'])],
      ['of another nation', 'court.de', 'sender-mismatch', hold(['court@DE'])],
    ])('but not to one %s', async (_who, to, code, claim, evidence) => {
      expect(await heldFor(to, claim, evidence)).toBe('drop');
      expect(border.said()).toMatchObject([{ facts: { code } }]);
    });

    it('goes to its sender as any other evidence', async () => {
      const message = await dutch();
      const claim = { ...hold(['court@DE']), stage: 'enter' as const };
      const answer = answerAbout(message, await entryOf(border, message, claim), { evidence: 'held' });
      expect(await come(answer)).toBe('done');
      expect(await told('hotline.nl')).toEqual(['held crossing']);
    });
  });
});
