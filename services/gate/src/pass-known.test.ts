import { type Bus, BusError } from '@entente/bus';
import { wire } from '@entente/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authenticate } from './authenticate.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { HOUR, holdKit } from './fixture/test-holds.js';
import {
  approval,
  entryOf,
  fromAbroad,
  HELD,
  referral,
  type Sealed,
  sealedOf,
} from './fixture/test-messages.js';
import { withFault } from './fixture/with-fault.js';
import { fromNation } from './from-nation.js';
import { refusePoison } from './refuse-poison.js';

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder();
});
afterAll(async () => await border?.stop());
const { told, handIn, forgetAll, order, say, kept } = holdKit(() => border);
beforeEach(forgetAll);

/** What an edge has of a message of which it knows no more than the log says. */
const sealOf = ({ id, envelope }: Sealed) => sealedOf(id, wire.envelope.encode({ seal: envelope.seal }));

describe('a seal without its body', () => {
  it('of what is on record is a repeat: answered, and sent on as it is', async () => {
    const message = await referral(border);
    await handIn('hotline.nl', message);
    await forgetAll();
    const size = border.logSize();
    expect(await handIn('hotline.nl', sealOf(message))).toBe('done');
    expect(border.logSize()).toBe(size);
    expect(await told('hotline.nl')).toEqual(['submission-accepted crossing']);
    const [crossed, ...more] = await border.crossed();
    expect(more).toEqual([]);
    expect(crossed?.passage?.envelope).toEqual(sealOf(message).envelope);
    expect(crossed?.passage?.proofs).toHaveLength(1);
  });

  it('of what is not leaves no entry: the whole message passes after it', async () => {
    const message = await referral(border);
    const size = border.logSize();
    expect(await handIn('hotline.nl', sealOf(message))).toBe('drop');
    expect(border.logSize()).toBe(size);
    expect(await told('hotline.nl')).toEqual(['notice body-mismatch']);
    expect(await border.crossed()).toEqual([]);
    expect(await handIn('hotline.nl', message)).toBe('done');
    expect(await told('hotline.nl')).toEqual(['submission-accepted crossing']);
  });

  it('leaves none either where the gate fails on it', async () => {
    const message = await referral(border);
    const { envelope } = sealOf(message);
    const sealed = await authenticate(border.gate, envelope, border.clock.now());
    const size = border.logSize();
    await refusePoison(border.gate, { sealed, stage: 'leave', envelope });
    expect(border.logSize()).toBe(size);
    expect(await told('hotline.nl')).toEqual([]);
  });

  it('is no other member’s to hand in', async () => {
    const message = await referral(border);
    await handIn('hotline.nl', message);
    await forgetAll();
    expect(await handIn('police.nl', sealOf(message))).toBe('drop');
    expect(await told('police.nl')).toEqual(['notice sender-mismatch']);
    expect(await told('hotline.nl')).toEqual([]);
    expect(await border.crossed()).toEqual([]);
  });

  it('of what was refused is refused again, and goes no further', async () => {
    const message = await referral(border, { header: { expiresAtMs: border.clock.now() + HOUR } });
    await handIn('hotline.nl', message);
    await forgetAll();
    border.clock.aheadMs = 2 * HOUR;
    expect(await handIn('hotline.nl', sealOf(message))).toBe('done');
    expect(await told('hotline.nl')).toEqual(['submission-accepted crossing']);
    expect(await border.crossed()).toEqual([]);
  });

  it('of what is held says so, and what is kept for the release stays whole', async () => {
    const held = await order();
    expect(await handIn(HELD.from, sealOf(held))).toBe('done');
    expect(await told(HELD.from)).toEqual(['held crossing']);
    expect(wire.passage.decode((await kept(held)) ?? new Uint8Array()).envelope).toEqual(held.envelope);
    await say(held, 'court.nl');
    expect(await told(HELD.from)).toEqual(['passage inside', 'submission-accepted crossing']);
    const [delivery] = await border.deliveredTo('isp.nl');
    expect(delivery?.passage?.envelope).toEqual(held.envelope);
    expect(await handIn(HELD.from, sealOf(held))).toBe('done');
    expect(await told(HELD.from)).toEqual(['submission-accepted crossing']);
  });

  it('of what is released, and has not gone on yet, leaves what is kept for that', async () => {
    const held = await order();
    const { bus } = border.gate;
    const publish: Bus['publish'] = async (subject, ...more) => {
      if (subject === 'edge.in.isp_nl') throw new BusError('timeout', 'no room in the stream');
      await bus.publish(subject, ...more);
    };
    const word = await approval(border, { by: 'court.nl', about: held });
    const failing = { ...border.gate, bus: withFault(bus, { publish }) };
    await expect(handIn('court.nl', word, failing)).rejects.toThrow('no room in the stream');
    expect(await handIn(HELD.from, sealOf(held))).toBe('done');
    expect(wire.passage.decode((await kept(held)) ?? new Uint8Array()).envelope).toEqual(held.envelope);
    await border.deliveredTo('isp.nl');
    expect(await handIn('court.nl', word)).toBe('done');
    const [delivery] = await border.deliveredTo('isp.nl');
    expect(delivery?.passage?.envelope).toEqual(held.envelope);
    expect(await kept(held)).toHaveLength(0);
  });

  it('of what is held ends the hold when its time is over, and keeps nothing of it', async () => {
    const held = await order();
    await forgetAll();
    const size = border.logSize();
    border.clock.aheadMs = 100 * HOUR;
    expect(await handIn(HELD.from, sealOf(held))).toBe('done');
    expect(await told(HELD.from)).toEqual(['submission-rejected rejection hold-overdue']);
    expect(border.logSize()).toBe(size + 1);
    expect(await kept(held)).toHaveLength(0);
  });

  it('from another nation: the same, and what is not on record here leaves no entry', async () => {
    const message = await referral(border, { from: 'hotline.de', to: 'isp.nl hosting' });
    const left = await entryOf(border, message);
    const arrive = async ({ envelope }: Pick<Sealed, 'envelope'>) =>
      await fromNation(border.gate, await fromAbroad(border, { passage: { envelope, proofs: [left] } }));
    const size = border.logSize();
    expect(await arrive(sealOf(message))).toBe('drop');
    expect(border.logSize()).toBe(size);
    expect(await arrive(message)).toBe('done');
    expect(border.logSize()).toBe(size + 1);
    await forgetAll();
    expect(await arrive(sealOf(message))).toBe('done');
    expect(border.logSize()).toBe(size + 1);
    const [delivery] = await border.deliveredTo('isp.nl');
    expect(delivery?.passage?.envelope).toEqual(sealOf(message).envelope);
    expect((await border.crossed()).map(({ answer }) => answer?.evidence)).toEqual(['relay-accepted']);
  });
});
