import { LIMITS, type wire } from '@entente/contract';
import { encryptFor } from '@entente/seal';
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

describe('nothing is logged, and nobody is told, of', () => {
  const bad = async (
    delivery: Parameters<typeof fromNation>[1],
    code: string,
    detail: unknown = expect.anything(),
  ) => {
    const size = border.logSize();
    const counted = async () =>
      (await border.metrics.text())
        .split('\n')
        .find((line) => line.startsWith(`entente_gate_dropped_total{queue="nation",code="${code}"}`));
    const before = Number((await counted())?.split(' ')[1] ?? 0);
    expect(await fromNation(border.gate, delivery)).toBe('drop');
    expect(border.logSize()).toBe(size);
    expect(border.said()).toMatchObject([
      {
        level: 'warn',
        message: 'refused, and not on record',
        facts: { subject: delivery.subject, code, detail },
      },
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
      {
        subject: 'cross.NL.DE.gate',
        data: Buffer.from('anything'),
        message: 'S.1.1',
        traceparents: [],
        redeliveries: 0,
      },
      'seal-malformed',
    );
    await bad({ ...(await wrapped()), subject: 'cross.NL.DE.hotline_de' }, 'recipient-mismatch');
    await bad(await wrapped({ from: 'FR' }), 'recipient-mismatch');
    await bad(await wrapped({ to: 'FR' }), 'recipient-mismatch');
    await bad(await wrapped({ typ: 'entente-body' }), 'seal-malformed');
    await bad(
      { subject: 'cross', data: (await wrapped()).data, message: 'S.1.1', traceparents: [], redeliveries: 0 },
      'recipient-mismatch',
    );
  });

  it('a crossing with nothing in it, or a passage without an envelope', async () => {
    await bad(
      await fromAbroad(border, {}),
      'frame-malformed',
      expect.stringContaining('a crossing carries a passage'),
    );
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
    await bad(
      { subject: mid, data: large, message: 'S.1.1', traceparents: [], redeliveries: 0 },
      'too-large',
    );
    const loose = await encryptFor(key, Buffer.from([0x78, 1]), 'entente-crossing', {
      from: 'DE',
      to: 'NL',
      mid,
    });
    await bad(
      { subject: mid, data: loose, message: 'S.1.1', traceparents: [], redeliveries: 0 },
      'frame-malformed',
    );
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
    const delivery = await fromAbroad(border, { passage: { envelope: message.envelope, proofs } });
    await bad(delivery, 'proof-wrong', 'the proof is of another nation than the sender');
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
