import { randomBytes } from 'node:crypto';
import { parseProof } from '@entente/audit';
import { crossSubject, type MemberId, subjects, wire } from '@entente/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LONG_MS, until } from './fixture/patience.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import {
  approval,
  BLOCK,
  entryOf,
  fromAbroad,
  HELD,
  handedIn,
  type Message,
  referral,
  type Sealed,
  statement,
} from './fixture/test-messages.js';
import { type Delivered, recordIn, summary } from './fixture/test-readers.js';
import { fromMember } from './from-member.js';
import { fromNation } from './from-nation.js';
import { createGate } from './gate.js';

// While somebody's life is in danger: at the border of the recipient's nation, at its member, and on the way back.

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder({ hasGermanPack: true, hasWayAhead: true });
});
afterAll(async () => await border?.stop());
beforeEach(() => void border.said());
afterEach(() => {
  border.clock.aheadMs = 0;
});

const AHEAD = 'cross-emergency.NL.DE';
const ORDINARY = crossSubject('NL', 'DE', 'hotline.de');
const EMERGENCY = { facts: { urgency: 'emergency' } } as const;
const german = async (message: Message = {}) =>
  await referral(border, { from: 'hotline.de', to: 'isp.nl hosting', ...message });
const passageOf = async (message: Sealed) => ({
  passage: { envelope: message.envelope, proofs: [await entryOf(border, message)] },
});
type Crossing = Parameters<typeof wire.crossing.encode>[0];
const come = async (subject: string, crossing: Crossing) =>
  await fromNation(border.gate, await fromAbroad(border, crossing, { subject }));
const send = async (subject: string, crossing: Crossing) => {
  const { data } = await fromAbroad(border, crossing, { subject });
  await border.german.publishAcross(subject, data, { replyPrefix: '_R.DE.NL', timeoutMs: 5000 });
};
const handIn = async (member: string, { bytes }: Sealed, way: 'out' | 'emergency') =>
  await fromMember(border.gate, { ...handedIn(member, bytes), subject: subjects[way](member as MemberId) });
/** What came for a member, and on which way. */
const told = async (member: string) =>
  (await border.deliveredTo(member)).map((one) => `${one.subject.split('.')[1]}: ${summary(one)}`);
const crossed = async () =>
  (await border.crossed()).map(({ subject, answer }) => `${subject}: ${answer?.evidence ?? 'passage'}`);

describe('an emergency from abroad', () => {
  it('is logged before the 200 that wait, and goes to its recipient and is answered ahead of them', {
    timeout: 2 * LONG_MS,
  }, async () => {
    const many = await Promise.all(Array.from({ length: 200 }, async () => await german()));
    for (const one of many) await send(ORDINARY, await passageOf(one));
    const last = await german(EMERGENCY);
    await send(AHEAD, await passageOf(last));
    const gate = createGate({
      ...border.gate,
      bus: await border.openGate(),
      cross: await border.openGate(true),
    });
    try {
      await gate.start();
      const delivered: Delivered[] = [];
      const areThere = async () => {
        delivered.push(...(await border.deliveredTo('isp.nl')));
        return delivered.length >= 201 ? delivered : undefined;
      };
      await until('all to arrive', areThere, LONG_MS);
      const entered = delivered.map(({ subject, passage }) => ({
        way: subject.split('.')[1],
        hash: Buffer.from(recordIn(passage?.proofs[1]).messageHash),
        index: parseProof(passage?.proofs[1]?.proof ?? new Uint8Array()).index,
      }));
      const own = entered.find(({ hash }) => hash.equals(last.hash));
      expect(own?.way).toBe('in-emergency');
      expect(entered.filter(({ way }) => way === 'in').length).toBe(200);
      // What was in hand when the gate began may come first.
      expect(entered.filter(({ index }) => index < Number(own?.index)).length).toBeLessThanOrEqual(64);
      expect((await crossed()).filter((one) => one.startsWith('cross-emergency'))).toEqual([
        'cross-emergency.DE.NL: relay-accepted',
      ]);
      expect(await border.metrics.text()).toMatch(
        /entente_gate_handling_seconds_count\{queue="nation-emergency"\} [1-9]/,
      );
    } finally {
      await gate.stop();
    }
  });

  it('goes ahead from here also if its own gate knows no way ahead', async () => {
    const message = await german(EMERGENCY);
    expect(await come(ORDINARY, await passageOf(message))).toBe('done');
    expect(await told('isp.nl')).toEqual(['in-emergency: passage leave enter']);
    expect(await crossed()).toEqual(['cross-emergency.DE.NL: relay-accepted']);
  });

  it('that comes again goes to its recipient on both ways: an older edge reads the ordinary one alone', async () => {
    const message = await german(EMERGENCY);
    await come(AHEAD, await passageOf(message));
    await told('isp.nl');
    await crossed();
    border.clock.aheadMs = 4000;
    await come(AHEAD, await passageOf(message));
    expect((await told('isp.nl')).toSorted()).toEqual([
      'in-emergency: passage leave enter',
      'in: passage leave enter',
    ]);
    expect((await crossed()).toSorted()).toEqual([
      'cross-emergency.DE.NL: relay-accepted',
      'cross.DE.NL.gate: relay-accepted',
    ]);
    // What came of it on the ordinary way is not doubled.
    await come(ORDINARY, await passageOf(message));
    expect(await told('isp.nl')).toEqual(['in: passage leave enter']);
    await crossed();
  });
});

describe('on the way of emergencies another nation', () => {
  it('gets nothing in that is none, nothing of it is logged, and it passes in the ordinary way', async () => {
    const message = await german();
    const passage = await passageOf(message);
    const dutch = await referral(border);
    const entry = await entryOf(border, dutch, { stage: 'enter' });
    const about = { messageId: dutch.id, messageHash: dutch.hash };
    const answer = { ...about, evidence: 'relay-accepted', to: 'hotline.nl', entry };
    const size = border.logSize();
    for (const crossing of [passage, { answer }, { probe: { nonce: randomBytes(16) } }])
      expect(await come(AHEAD, crossing)).toBe('drop');
    const code = 'not-an-emergency';
    expect(border.said()).toMatchObject([{ facts: { code } }, { facts: { code } }, { facts: { code } }]);
    expect([...(await told('isp.nl')), ...(await told('hotline.nl')), ...(await crossed())]).toEqual([]);
    expect(border.logSize()).toBe(size);
    expect(await come(ORDINARY, passage)).toBe('done');
    expect(await come(ORDINARY, { answer })).toBe('done');
    expect(await told('isp.nl')).toEqual(['in: passage leave enter']);
    expect(await told('hotline.nl')).toEqual(['in: relay-accepted crossing']);
    await crossed();
  });

  it('gets in what was wrapped for the ordinary one by nobody', async () => {
    const { data } = await fromAbroad(border, await passageOf(await german(EMERGENCY)), {
      subject: ORDINARY,
    });
    const delivery = { subject: AHEAD, data, message: 'S.1.1', traceparents: [], redeliveries: 0 };
    expect(await fromNation(border.gate, delivery)).toBe('drop');
    expect(border.said()).toMatchObject([{ facts: { code: 'recipient-mismatch' } }]);
  });

  it('has 256 waiting at most, and what is beyond takes the ordinary one', async () => {
    const one = await passageOf(await german(EMERGENCY));
    for (let i = 0; i < 256; i++) await send(AHEAD, one);
    await expect(send(AHEAD, one)).rejects.toMatchObject({ code: 'full' });
    await send(ORDINARY, one);
  });
});

describe('what is said of an emergency', () => {
  const about = ({ id, hash }: Sealed) => [{ id, hash }];
  const delivered = async (...messages: Sealed[]) =>
    await statement(border, { from: 'isp.nl hosting', to: 'hotline.de', about: messages.flatMap(about) });

  it('by its recipient goes ahead if it came ahead and this gate knows that emergency, and the ordinary way otherwise', async () => {
    const [message, other] = [await german(EMERGENCY), await german()];
    for (const one of [message, other]) await come(ORDINARY, await passageOf(one));
    await told('isp.nl');
    await crossed();
    const evidence = await delivered(message);
    expect(await handIn('isp.nl', evidence, 'emergency')).toBe('done');
    expect(await crossed()).toEqual(['cross-emergency.DE.NL: passage']);
    expect(await handIn('isp.nl', evidence, 'out')).toBe('done');
    expect(await crossed()).toEqual(['cross.DE.NL.isp_nl: passage']);
    const size = border.logSize();
    for (const said of [
      await delivered(other),
      await delivered(message, other),
      await delivered(await german()),
    ])
      expect(await handIn('isp.nl', said, 'emergency')).toBe('drop');
    // Its edge sends it the ordinary way as well, so that there is nothing to tell.
    expect([...(await told('isp.nl')), ...(await crossed()), ...border.said()]).toEqual([]);
    expect(border.logSize()).toBe(size);
  });

  it('by its recipient abroad does so, and by the gate there', async () => {
    const message = await referral(border, EMERGENCY);
    expect(await handIn('hotline.nl', message, 'emergency')).toBe('done');
    expect(await crossed()).toEqual(['cross-emergency.DE.NL: passage']);
    expect(await told('hotline.nl')).toEqual(['in-emergency: submission-accepted crossing']);
    const entry = await entryOf(border, message, { stage: 'enter' });
    const named = { messageId: message.id, messageHash: message.hash };
    await come(AHEAD, { answer: { ...named, evidence: 'relay-accepted', to: 'hotline.nl', entry } });
    expect(await told('hotline.nl')).toEqual(['in-emergency: relay-accepted crossing']);
    const said = await statement(border, { from: 'isp.de hosting', to: 'hotline.nl', about: about(message) });
    const left = await entryOf(border, said, { record: { event: 'evidence' }, leaf: { event: 'evidence' } });
    const passage = { envelope: said.envelope, proofs: [left] };
    expect(await come(AHEAD, { passage })).toBe('done');
    expect(await told('hotline.nl')).toEqual(['in-emergency: passage leave enter']);
    expect(await come(ORDINARY, { passage })).toBe('done');
    expect(await told('hotline.nl')).toEqual(['in: passage leave enter']);
  });

  it('by an anchor or a question is not taken there', async () => {
    const message = await referral(border, { ...EMERGENCY, to: 'isp.nl hosting' });
    await handIn('hotline.nl', message, 'emergency');
    const anchor = await statement(border, {
      ...{ from: 'hotline.nl', to: 'hotline.nl', about: about(message) },
      ...{ kind: wire.Kind.KIND_ANCHOR, evidence: 'anchored' },
    });
    await border.forgetAll();
    expect(await handIn('hotline.nl', anchor, 'emergency')).toBe('drop');
    expect(await told('hotline.nl')).toEqual(['in: notice not-an-emergency']);
  });

  it('by who releases it goes ahead as well, and so does the message then', async () => {
    const held = await referral(border, { ...HELD, facts: { ...BLOCK, ...EMERGENCY.facts } });
    await handIn('prosecutor.nl', held, 'emergency');
    expect(await told('court.nl')).toEqual(['in-emergency: held crossing']);
    expect(await told('prosecutor.nl')).toEqual(['in-emergency: held crossing']);
    const word = await approval(border, { by: 'court.nl', about: held });
    expect(await handIn('court.nl', word, 'emergency')).toBe('done');
    expect(await told('isp.nl')).toEqual(['in-emergency: passage inside']);
  });
});
