import { newId, wire } from '@entente/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import {
  type Claim,
  entryOf,
  fromAbroad,
  handedIn,
  type Message,
  referral,
  type Sealed,
  sealedOf,
  signerOf,
} from './fixture/test-messages.js';
import { summary } from './fixture/test-readers.js';
import { fromMember } from './from-member.js';
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

  // The attacker is a counterpart with its ledger: that one logs whatever seal it likes.
  describe('about a seal that no member of ours has made', () => {
    const ended = async (message: Sealed, to: string) =>
      await come(answerAbout(message, await entryOf(border, message, entered), { to }));
    const broken = async () => {
      const { id, envelope } = await dutch();
      const seal = Buffer.from(envelope.seal);
      seal.write(seal.at(-5) === 0x41 ? 'B' : 'A', seal.length - 5);
      return sealedOf(id, wire.envelope.encode({ ...envelope, seal }));
    };

    it.each<[string, string, string, () => Promise<Sealed>]>([
      [
        'in a name that nobody has',
        'key-unknown',
        'ghost1.nl',
        () => dutch({ header: { from: 'ghost1.nl' } }),
      ],
      [
        'with a key of another nation',
        'key-unknown',
        'hotline.nl',
        () => dutch({ signer: signerOf(border.nations, 'hotline.de') }),
      ],
      [
        'with a key of another member',
        'key-unknown',
        'hotline.nl',
        () => dutch({ signer: signerOf(border.nations, 'isp.nl') }),
      ],
      ['whose signature does not hold', 'signature-wrong', 'hotline.nl', broken],
    ])('%s is dropped, and waits nowhere', async (_how, code, to, make) => {
      expect(await ended(await make(), to)).toBe('drop');
      expect(border.said()).toMatchObject([{ level: 'warn', facts: { code } }]);
      expect(await told('hotline.nl')).toEqual([]);
    });

    it('is none where its key was revoked since: its maker hears what became of it', async () => {
      const { nations } = border;
      const before = border.gate.directory();
      const message = await dutch();
      const members = nations.nl.part.members.map((member) => ({
        ...member,
        keys: member.keys.map((key) => ({ ...key, revokedAtMs: Date.now() - 1000 })),
      }));
      await nations.writePart(nations.nl, { members });
      border.useDirectory(await nations.load());
      await nations.writePart(nations.nl);
      expect(await ended(message, 'hotline.nl')).toBe('done');
      border.useDirectory(before);
      expect(await told('hotline.nl')).toEqual(['relay-accepted crossing']);
    });

    it('is none that this gate has let go itself, which is not verified again', async () => {
      const [message, other] = [await dutch(), await dutch()];
      expect(await fromMember(border.gate, handedIn('hotline.nl', message.bytes))).toBe('done');
      await border.crossed();
      const directory = border.gate.directory();
      border.useDirectory({ ...directory, nations: new Map([['DE', directory.nations.get('DE') as never]]) });
      expect(await ended(message, 'hotline.nl')).toBe('done');
      expect(await ended(other, 'hotline.nl')).toBe('drop');
      border.useDirectory(directory);
      expect(await told('hotline.nl')).toEqual(['submission-accepted crossing', 'relay-accepted crossing']);
      border.said();
    });
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

    it('but not if its sender has not signed it', async () => {
      const signer = signerOf(border.nations, 'hotline.de');
      const message = await referral(border, { from: 'prosecutor.de', to: 'isp.nl access', signer });
      const entry = await entryOf(border, message, hold(['court@NL']));
      expect(await come(answerAbout(message, entry, { evidence: 'held', to: 'court.nl' }))).toBe('drop');
      expect(border.said()).toMatchObject([{ facts: { code: 'key-unknown' } }]);
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
