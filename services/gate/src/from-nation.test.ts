import { LIMITS, newId, wire } from '@entente/contract';
import { encryptFor } from '@entente/seal';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import {
  approval,
  type Claim,
  entryOf,
  fromAbroad,
  type Message,
  referral,
  type Sealed,
  statement,
} from './fixture/test-messages.js';
import { recordIn, summary } from './fixture/test-readers.js';
import { fromNation } from './from-nation.js';

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder();
});
afterAll(async () => await border?.stop());
beforeEach(() => void border.said());

const GERMAN = { from: 'hotline.de', to: 'isp.nl hosting' } as const;
const german = async (message: Message = {}) => await referral(border, { ...GERMAN, ...message });
const arrive = async ({ envelope }: Pick<Sealed, 'envelope'>, ...proofs: wire.EntryFrame[]) =>
  await fromNation(border.gate, await fromAbroad(border, { passage: { envelope, proofs } }));
const told = async (member: string) => (await border.deliveredTo(member)).map(summary);
const answers = async () =>
  (await border.crossed()).map(({ answer }) => [answer?.evidence, recordIn(answer?.entry).verdict?.code]);

describe('a message that another nation has let go', () => {
  it("enters with both proofs, and its sender's nation has the entry for it", async () => {
    const message = await german();
    const left = await entryOf(border, message);
    const size = border.logSize();
    expect(await arrive(message, left)).toBe('done');
    expect(border.logSize()).toBe(size + 1);
    const [delivery, ...more] = await border.deliveredTo('isp.nl');
    expect(more).toEqual([]);
    expect(delivery?.passage?.envelope).toEqual(message.envelope);
    expect(delivery?.passage?.proofs[0]?.record).toEqual(left.record);
    const entered = recordIn(delivery?.passage?.proofs[1]);
    expect(entered).toMatchObject({
      nation: 'NL',
      event: 'crossing',
      stage: 'enter',
      step: 'first',
      verdict: { decision: 'permit' },
    });
    expect(entered.input).toEqual({ fromTypes: ['hotline'], toTypes: ['isp'], approvals: [] });
    const [crossed, ...others] = await border.crossed();
    expect(others).toEqual([]);
    expect(crossed?.subject).toBe('cross.DE.NL.gate');
    expect(crossed?.passage).toBeNull();
    expect(crossed?.answer).toMatchObject({
      evidence: 'relay-accepted',
      messageId: message.id,
      to: 'hotline.de',
    });
    expect(crossed?.answer?.messageHash).toEqual(message.hash);
    expect(crossed?.answer?.entry).toEqual(delivery?.passage?.proofs[1]);
  });

  it('takes no further proofs along than the one that counts', async () => {
    const message = await german();
    const left = await entryOf(border, message);
    const junk = { ...left, record: Buffer.from('anything') };
    expect(await arrive(message, left, junk, junk)).toBe('done');
    const [delivery] = await border.deliveredTo('isp.nl');
    expect(delivery?.passage?.proofs.map(({ record }) => wire.record.decode(record).stage)).toEqual([
      'leave',
      'enter',
    ]);
    expect(await answers()).toEqual([['relay-accepted', '']]);
  });

  it('is refused here by our own rules, and its sender hears so', async () => {
    const message = await german({ facts: { dataClasses: ['victim.identity'] } });
    expect(await arrive(message, await entryOf(border, message))).toBe('done');
    expect(await told('isp.nl')).toEqual([]);
    expect(await answers()).toEqual([['relay-rejected', '']]);
  });

  it.each<[string, string, Message]>([
    ['a third nation', 'not-for-this-nation', { header: { to: 'hotline.fr' } }],
    ['its own nation', 'not-for-this-nation', { header: { to: 'isp.de' } }],
    ['nobody', 'recipient-unknown', { header: { to: 'nobody.nl' } }],
    ['a role that the recipient does not have', 'role-not-held', { to: 'isp.nl registrar' }],
  ])('but is for %s, is refused with its code', async (_who, code, message) => {
    const sealed = await german(message);
    expect(await arrive(sealed, await entryOf(border, sealed))).toBe('done');
    expect(await answers()).toEqual([['relay-rejected', code]]);
    expect(await told('isp.nl')).toEqual([]);
  });

  it('passes as evidence without an answer, and so does an approval', async () => {
    const about = [{ id: newId(), hash: Buffer.alloc(32, 1) }];
    const evidence = await statement(border, { ...GERMAN, about });
    expect(
      await arrive(
        evidence,
        await entryOf(border, evidence, { record: { event: 'evidence' }, leaf: { event: 'evidence' } }),
      ),
    ).toBe('done');
    expect(await told('isp.nl')).toEqual(['passage leave enter']);
    const word = await approval(border, {
      by: 'court.de',
      about: about[0] ?? { id: '', hash: Buffer.alloc(0) },
    });
    expect(
      await arrive(
        word,
        await entryOf(border, word, { record: { event: 'approval' }, leaf: { event: 'approval' } }),
      ),
    ).toBe('done');
    expect(await told('prosecutor.nl')).toEqual(['passage leave enter']);
    expect(await border.crossed()).toEqual([]);
  });

  it('may have been sealed with a key that expired on the way, but not with one that had expired before', async () => {
    const hour = 3_600_000;
    const { nations } = border;
    const before = border.gate.directory();
    const { members } = nations.de.part;
    const until = Date.now() - hour;
    const stated = (id: string, key: wire.PublicKeyFrame) =>
      id === 'hotline.de' && key.use === 'sig' ? { ...key, validUntilMs: until } : key;
    const changed = members.map((one) => ({ ...one, keys: one.keys.map((key) => stated(one.id, key)) }));
    await nations.writePart(nations.de, { members: changed });
    const other = await nations.load();
    await nations.writePart(nations.de);
    const issued = { header: { issuedAtMs: until - hour, expiresAtMs: Date.now() + hour } };
    border.useDirectory({ ...other, sha256: before.sha256 });
    const message = await german(issued);
    expect(await arrive(message, await entryOf(border, message, { leaf: { timeMs: until - 1 } }))).toBe(
      'done',
    );
    expect(await told('isp.nl')).toEqual(['passage leave enter']);
    const late = await german(issued);
    expect(await arrive(late, await entryOf(border, late, { leaf: { timeMs: until } }))).toBe('drop');
    expect(border.said()).toMatchObject([{ facts: { code: 'key-not-valid' } }]);
    border.useDirectory(before);
    await border.crossed();
  });

  it('is thrown back to the stream while its answer cannot be sent', async () => {
    const message = await german();
    const cross = await border.openGate(true);
    await cross.close();
    const left = await entryOf(border, message);
    const delivery = await fromAbroad(border, { passage: { envelope: message.envelope, proofs: [left] } });
    await expect(fromNation({ ...border.gate, cross }, delivery)).rejects.toMatchObject({ name: 'BusError' });
    expect(await fromNation(border.gate, delivery)).toBe('done');
    expect(await answers()).toEqual([['relay-accepted', '']]);
    await told('isp.nl');
  });
});

describe('nothing is logged, and nobody is told, of', () => {
  const bad = async (delivery: Parameters<typeof fromNation>[1], code: string) => {
    const size = border.logSize();
    const counted = async () =>
      (await border.metrics.text())
        .split('\n')
        .find((line) => line.startsWith(`entente_gate_dropped_total{queue="nation",code="${code}"}`));
    const before = Number((await counted())?.split(' ')[1] ?? 0);
    expect(await fromNation(border.gate, delivery)).toBe('drop');
    expect(border.logSize()).toBe(size);
    expect(border.said()).toMatchObject([
      { level: 'warn', message: 'refused before its seal held', facts: { subject: delivery.subject, code } },
    ]);
    expect(await counted()).toMatch(new RegExp(` ${before + 1}$`));
    expect(await told('isp.nl')).toEqual([]);
    expect(await told('hotline.nl')).toEqual([]);
    expect(await border.crossed()).toEqual([]);
  };
  const wrapped = async (more: Parameters<typeof fromAbroad>[2] = {}) => {
    const message = await german();
    const proofs = [await entryOf(border, message)];
    return await fromAbroad(border, { passage: { envelope: message.envelope, proofs } }, more);
  };

  it('what is not wrapped for this gate by that gate, for that subject', async () => {
    await bad(
      { subject: 'cross.NL.DE.gate', data: Buffer.from('anything'), redeliveries: 0 },
      'seal-malformed',
    );
    await bad({ ...(await wrapped()), subject: 'cross.NL.DE.hotline_de' }, 'recipient-mismatch');
    await bad(await wrapped({ from: 'FR' }), 'recipient-mismatch');
    await bad(await wrapped({ to: 'FR' }), 'recipient-mismatch');
    await bad(await wrapped({ typ: 'entente-body' }), 'seal-malformed');
    await bad({ subject: 'cross', data: (await wrapped()).data, redeliveries: 0 }, 'recipient-mismatch');
  });

  it('a crossing with nothing in it, or a passage without an envelope', async () => {
    await bad(await fromAbroad(border, {}), 'frame-malformed');
    await bad(await fromAbroad(border, { passage: { proofs: [] } }), 'frame-malformed');
  });

  it('what is too large, or not in its one form', async () => {
    const key = border.gate.directory().gateKey('NL', Date.now());
    const mid = 'cross.NL.DE.gate';
    const large = await encryptFor(key, Buffer.alloc(LIMITS.transit), 'entente-crossing', {
      from: 'DE',
      to: 'NL',
      mid,
    });
    await bad({ subject: mid, data: large, redeliveries: 0 }, 'too-large');
    const loose = await encryptFor(key, Buffer.from([0x78, 1]), 'entente-crossing', {
      from: 'DE',
      to: 'NL',
      mid,
    });
    await bad({ subject: mid, data: loose, redeliveries: 0 }, 'frame-malformed');
  });

  it.each<[string, string, (message: Sealed) => Promise<readonly wire.EntryFrame[]>]>([
    ['a message without a proof', 'proof-missing', async () => []],
    [
      'a proof of our own log',
      'proof-wrong',
      async (message) => [await entryOf(border, message, { nation: border.nations.nl })],
    ],
    [
      'a proof of a third nation',
      'proof-wrong',
      async (message) => [await entryOf(border, message, { nation: border.nations.fr })],
    ],
    ...(
      [
        ['another stage', { stage: 'enter' }],
        ['a refusal', { record: { verdict: { decision: 'refuse' } } }],
        ['a hold', { record: { verdict: { decision: 'hold' } } }],
        ['another message', { record: { messageHash: Buffer.alloc(32) } }],
        ['another event', { record: { event: 'rejection' }, leaf: { event: 'rejection' } }],
        ['a leaf that says another event', { leaf: { event: 'evidence' } }],
        ['a nation that it is not', { record: { nation: 'FR' } }],
      ] as [string, Claim][]
    ).map(([what, claim]): [string, string, (message: Sealed) => Promise<readonly wire.EntryFrame[]>] => [
      `a proof of ${what}`,
      'proof-wrong',
      async (message) => [await entryOf(border, message, claim)],
    ]),
    [
      'a proof whose record was changed',
      'proof-wrong',
      async (message) => [{ ...(await entryOf(border, message)), salt: Buffer.alloc(16) }],
    ],
  ])('%s', async (_what, code, proofsOf) => {
    const message = await german();
    const { envelope } = message;
    await bad(await fromAbroad(border, { passage: { envelope, proofs: await proofsOf(message) } }), code);
  });

  it('a message of another nation than the one that has logged it', async () => {
    const message = await referral(border, { from: 'hotline.fr', to: 'isp.nl hosting' });
    const proofs = [await entryOf(border, message)];
    await bad(await fromAbroad(border, { passage: { envelope: message.envelope, proofs } }), 'proof-wrong');
  });

  it('another body beside the seal, another key', async () => {
    const message = await german();
    const proofs = [await entryOf(border, message)];
    const envelope = { ...message.envelope, body: Buffer.from('x') };
    await bad(await fromAbroad(border, { passage: { envelope, proofs } }), 'body-mismatch');
    const forged = await german({ signer: border.nations.de.keys.get('isp.de')?.sign.signer as never });
    const left = [await entryOf(border, forged)];
    await bad(
      await fromAbroad(border, { passage: { envelope: forged.envelope, proofs: left } }),
      'sender-mismatch',
    );
  });
});

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
