import { newId, wire } from '@entente/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { handedIn, type Message, referral, type Sealed, statement } from './fixture/test-messages.js';
import { recordIn, summary } from './fixture/test-readers.js';
import { fromMember } from './from-member.js';

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder();
});
afterAll(async () => await border?.stop());
beforeEach(() => void border.said());

const handIn = async ({ bytes }: Pick<Sealed, 'bytes'>, by = 'hotline.nl', gate = border.gate) =>
  await fromMember(gate, handedIn(by, bytes));
const told = async (member = 'hotline.nl') => (await border.deliveredTo(member)).map(summary);

describe('after its seal held, a refusal is logged and answered with its code:', () => {
  const minute = 60_000;
  /** From the moment on at which the test runs. */
  const lasting = (fromMinutes: number, untilMinutes: number): Message => ({
    header: {
      issuedAtMs: Date.now() + fromMinutes * minute,
      expiresAtMs: Date.now() + untilMinutes * minute,
    },
  });
  it.each<[string, string, Message | (() => Message)]>([
    ['a live message in a test network', 'profile-wrong', { header: { profile: wire.Profile.PROFILE_LIVE } }],
    ['another protocol', 'header-malformed', { header: { protocol: 2 } }],
    ['an id that is none', 'id-malformed', { header: { id: 'ABC' } }],
    ['a recipient that cannot be one', 'id-malformed', { header: { to: 'the whole world' } }],
    ['a recipient that nobody knows', 'recipient-unknown', { header: { to: 'nobody.de' } }],
    ['a suspended recipient', 'recipient-unknown', { header: { to: 'gone.nl' } }],
    ['a message of the future', 'not-yet-valid', () => lasting(6, 9)],
    ['a message of the past', 'expired', () => lasting(-9, -1)],
    ['a message for ever', 'lifetime-too-long', () => lasting(0, 40 * 24 * 60)],
    ['a nation that has not agreed', 'no-counterpart', { to: 'hotline.fr' }],
    ['a role that its sender does not have', 'role-not-held', { from: 'hotline.nl court' }],
    ['a role that its recipient does not have', 'role-not-held', { to: 'isp.de registrar' }],
    ['another schema', 'schema-unknown', { header: { schemaSha256: Buffer.alloc(32) } }],
    ['facts of its own words', 'facts-malformed', { facts: { accuracy: 'gossip' as never } }],
    [
      'more than eight clocks',
      'facts-malformed',
      { facts: { clocks: Array.from({ length: 9 }, () => ({ clock: 'act', minutes: 60 }) as never) } },
    ],
    [
      'several faults at once: the first check says',
      'profile-wrong',
      { to: 'hotline.fr court', header: { profile: wire.Profile.PROFILE_LIVE, id: 'x' } },
    ],
    ['another nation before another role', 'no-counterpart', { to: 'hotline.fr court' }],
  ])('%s', async (_what, code, message) => {
    const size = border.logSize();
    const sealed = await referral(border, typeof message === 'function' ? message() : message);
    expect(await handIn(sealed)).toBe('done');
    expect(border.logSize()).toBe(size + 1);
    expect(await told()).toEqual([`submission-rejected rejection ${code}`]);
    expect(await border.crossed()).toEqual([]);
    expect(border.said()).toEqual([]);
  });

  it.each(['held', 'released', 'not-released', 'anything'])(
    'evidence that says "%s", which no member can; nobody is answered, and it goes no further',
    async (evidence) => {
      const about = [{ id: newId(), hash: Buffer.alloc(32, 1) }];
      const message = await statement(border, { to: 'isp.nl hosting', evidence, about });
      const labels = '{stage="inside",event="rejection",decision="refuse",rule="statement-malformed"}';
      const counted = async () =>
        (await border.metrics.text())
          .split('\n')
          .find((line) => line.startsWith(`entente_gate_decisions_total${labels}`));
      const before = Number((await counted())?.split(' ')[1] ?? 0);
      const size = border.logSize();
      expect(await handIn(message)).toBe('done');
      expect(border.logSize()).toBe(size + 1);
      expect(await counted()).toBe(`entente_gate_decisions_total${labels} ${before + 1}`);
      expect(await told()).toEqual([]);
      expect(await told('isp.nl')).toEqual([]);
    },
  );

  it('an id that this sender has used for another message; the first goes on', async () => {
    const [first, second] = [await referral(border), await referral(border)];
    const reused = await referral(border, { header: { id: first.id } });
    for (const message of [first, second]) expect(await handIn(message)).toBe('done');
    expect(await told()).toEqual(['submission-accepted crossing', 'submission-accepted crossing']);
    border.said();
    expect(await handIn(reused)).toBe('done');
    // Of the first as well, which it may have forgotten.
    const answers = (await border.deliveredTo('hotline.nl')).map(({ answer }) => answer);
    expect(answers.map((answer) => Buffer.from(answer?.messageHash ?? []))).toEqual([
      first.hash,
      reused.hash,
    ]);
    expect(answers.map((answer) => recordIn(answer?.entry).verdict?.code)).toEqual(['', 'id-reused']);
    expect(border.said()).toMatchObject([
      { level: 'error', message: expect.stringMatching(/^ALARM: .* two messages under one id/) },
    ]);
    expect((await border.crossed()).map(({ passage }) => passage?.envelope?.seal)).toEqual(
      [first, second].map(({ envelope }) => envelope.seal),
    );
    await handIn(reused);
    const [, again] = await border.deliveredTo('hotline.nl');
    const { verdict, input } = recordIn(again?.answer?.entry);
    expect(verdict).toMatchObject({
      decision: 'refuse',
      code: 'id-reused',
      reason: expect.stringContaining('Use a new id'),
    });
    expect(input).toBeNull();
  });

  it('but no fault of our own: that is thrown, and the message comes again', async () => {
    const areCounterparts = () => {
      throw new Error('the directory is broken');
    };
    const directory = () => ({ ...border.gate.directory(), areCounterparts });
    const size = border.logSize();
    const failed = handIn(await referral(border), 'hotline.nl', { ...border.gate, directory });
    await expect(failed).rejects.toThrow('the directory is broken');
    expect(border.logSize()).toBe(size);
    expect(await told()).toEqual([]);
  });

  it('what is refused says in words what to do, and the detail where there is one', async () => {
    const reasonOf = async (message: Message) => {
      await handIn(await referral(border, message));
      const [delivery] = await border.deliveredTo('hotline.nl');
      return recordIn(delivery?.answer?.entry).verdict?.reason ?? '';
    };
    expect(await reasonOf({ to: 'hotline.fr' })).toBe(
      'The two nations have not agreed to exchange referrals.',
    );
    const reason = await reasonOf({ from: `hotline.nl ${'x'.repeat(30)}` });
    expect(reason).toContain('does not hold the role named in the message.');
    expect(reason).toContain(`(hotline.nl does not act as "${'x'.repeat(20)}"; it acts as hotline)`);
    expect(await reasonOf({ to: 'isp.de court' })).toContain(
      'isp.de does not act as "court"; it acts as hosting, access',
    );
  });
});
