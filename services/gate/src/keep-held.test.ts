import { wire } from '@entente/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { HOUR, holdKit } from './fixture/test-holds.js';
import { HELD, referral } from './fixture/test-messages.js';
import { recordIn, summary } from './fixture/test-readers.js';

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder();
});
afterAll(async () => await border?.stop());
const { told, handIn, forgetAll, order, say, kept, keep } = holdKit(() => border);
beforeEach(forgetAll);

describe('an order that needs a court', () => {
  it('waits: its sender and all who may release it are told, and nothing goes further', async () => {
    const sealed = await referral(border, HELD);
    const size = border.logSize();
    expect(await handIn('prosecutor.nl', sealed)).toBe('done');
    expect(border.logSize()).toBe(size + 1);
    const [delivery, ...more] = await border.deliveredTo('prosecutor.nl');
    expect(more).toEqual([]);
    expect(delivery?.answer).toMatchObject({ evidence: 'held', messageId: sealed.id, to: 'prosecutor.nl' });
    expect(recordIn(delivery?.answer?.entry)).toMatchObject({
      ...{ event: 'crossing', stage: 'inside', step: 'first' },
      verdict: {
        decision: 'hold',
        awaits: ['court@NL'],
        holdMinutes: 24 * 60,
        rules: [{ id: 'court-validates' }],
      },
    });
    for (const court of ['court.nl', 'court2.nl', 'magistrate.nl', 'bench.nl']) {
      const [asked, ...others] = await border.deliveredTo(court);
      expect(others).toEqual([]);
      const { messageHash, ...answer } = asked?.answer ?? ({} as never);
      expect(answer).toEqual({
        evidence: 'held',
        messageId: sealed.id,
        to: court,
        entry: delivery?.answer?.entry,
      });
      expect(sealed.hash.equals(messageHash)).toBe(true);
    }
    expect(await told('police.nl')).toEqual([]);
    expect(await told('gone.nl')).toEqual([]);
    expect(await told('isp.nl')).toEqual([]);
    expect(await border.crossed()).toEqual([]);
  });

  it('is kept as it is, and told of again with every repeat, while the log stays as it is', async () => {
    const sealed = await order();
    expect(wire.passage.decode((await kept(sealed)) ?? new Uint8Array())).toEqual({
      envelope: sealed.envelope,
      proofs: [],
    });
    const size = border.logSize();
    expect(await handIn('prosecutor.nl', sealed)).toBe('done');
    expect(border.logSize()).toBe(size);
    expect(await told('prosecutor.nl')).toEqual(['held crossing']);
    expect(await told('court.nl')).toEqual(['held crossing']);
  });

  it('is not told to its sender to release, who is a court as well', async () => {
    const sealed = await referral(border, { ...HELD, from: 'magistrate.nl prosecutor' });
    await handIn('magistrate.nl', sealed);
    const answers = (await border.deliveredTo('magistrate.nl')).map(({ answer }) => answer?.to);
    expect(answers).toEqual(['magistrate.nl']);
    expect(await told('court.nl')).toEqual(['held crossing']);
  });

  it('goes on when a court releases it, with the entry that names its word', async () => {
    const sealed = await order();
    const word = await say(sealed, 'court.nl');
    expect(await told('court.nl')).toEqual(['submission-accepted approval']);
    const [delivery, ...more] = await border.deliveredTo('isp.nl');
    expect(more).toEqual([]);
    expect(delivery?.passage?.envelope).toEqual(sealed.envelope);
    const [proof, ...proofs] = delivery?.passage?.proofs ?? [];
    expect(proofs).toEqual([]);
    expect(recordIn(proof)).toMatchObject({
      ...{
        event: 'crossing',
        stage: 'inside',
        step: word.hash.toString('hex'),
        verdict: { decision: 'permit' },
      },
      input: { approvals: [{ role: 'court', nation: 'NL' }] },
    });
    const heard = await border.deliveredTo('prosecutor.nl');
    expect(heard.map(summary)).toEqual(['passage inside', 'submission-accepted crossing']);
    expect(heard[1]?.answer?.entry).toEqual(proof);
    expect(await kept(sealed)).toHaveLength(0);
  });

  it('is answered by its end from then on, and goes the same way again', async () => {
    const sealed = await order();
    await say(sealed, 'court.nl');
    await Promise.all(['prosecutor.nl', 'court.nl', 'isp.nl'].map(told));
    const size = border.logSize();
    expect(await handIn('prosecutor.nl', sealed)).toBe('done');
    expect(border.logSize()).toBe(size);
    expect(await told('prosecutor.nl')).toEqual(['submission-accepted crossing']);
    expect(await told('isp.nl')).toEqual(['passage inside']);
    expect(await told('court.nl')).toEqual([]);
  });

  it('is returned when a court refuses, with its reason, also if another has released it since', async () => {
    const sealed = await order();
    const word = await say(sealed, 'court2.nl', { word: 'not-released' });
    const heard = await border.deliveredTo('prosecutor.nl');
    expect(heard.map(summary)).toEqual(['passage inside', 'submission-rejected rejection not-released']);
    const { verdict, step, input } = recordIn(heard[1]?.answer?.entry);
    expect(verdict?.reason).toContain('whoever may release it refused');
    expect(verdict?.reason).toContain('(court of NL: disproportionate)');
    expect(step).toBe(word.hash.toString('hex'));
    expect(input).toBeNull();
    expect(await kept(sealed)).toHaveLength(0);
    await say(sealed, 'court.nl');
    await handIn('prosecutor.nl', sealed);
    expect((await told('prosecutor.nl')).at(-1)).toBe('submission-rejected rejection not-released');
    expect(await told('isp.nl')).toEqual([]);
  });

  it('is refused if one refuses and one releases before the gate decides', async () => {
    const sealed = await order();
    await keep(sealed);
    await say(sealed, 'court.nl');
    await say(sealed, 'court2.nl', { word: 'not-released' });
    expect(await told('isp.nl')).toEqual([]);
    await told('prosecutor.nl');
    await handIn('prosecutor.nl', sealed);
    expect(await told('prosecutor.nl')).toEqual(['submission-rejected rejection not-released']);
  });

  it('says two courts of one nation once to the rules, and names the last word', async () => {
    const sealed = await order();
    await keep(sealed);
    await say(sealed, 'court.nl');
    const last = await say(sealed, 'court2.nl');
    await handIn('prosecutor.nl', sealed);
    const [delivery] = await border.deliveredTo('isp.nl');
    const { step, input } = recordIn(delivery?.passage?.proofs[0]);
    expect(step).toBe(last.hash.toString('hex'));
    expect(input?.approvals).toEqual([{ role: 'court', nation: 'NL' }]);
  });

  it('is returned when nobody has decided in its time, and not a moment before', async () => {
    const sealed = await order();
    await handIn('prosecutor.nl', sealed);
    const [held] = await border.deliveredTo('prosecutor.nl');
    const { timeMs } = wire.leaf.decode(held?.answer?.entry?.leaf ?? new Uint8Array());
    const at = (ms: number) => ({ ...border.gate, now: () => timeMs + ms });
    await handIn('prosecutor.nl', sealed, at(24 * HOUR - 1));
    expect(await told('prosecutor.nl')).toEqual(['held crossing']);
    await handIn('prosecutor.nl', sealed, at(24 * HOUR));
    const [delivery] = await border.deliveredTo('prosecutor.nl');
    const { step, verdict, input, event } = recordIn(delivery?.answer?.entry);
    expect([event, step, verdict?.code]).toEqual(['rejection', 'overdue', 'hold-overdue']);
    expect(verdict?.reason).toContain('nobody who may release it decided in time');
    expect(input).toBeNull();
    expect(await kept(sealed)).toHaveLength(0);
    await say(sealed, 'court.nl');
    await handIn('prosecutor.nl', sealed);
    expect((await told('prosecutor.nl')).at(-1)).toBe('submission-rejected rejection hold-overdue');
    expect(await told('isp.nl')).toEqual([]);
  });

  it('is decided by a release that comes at the last moment, before it is overdue', async () => {
    const sealed = await order();
    await keep(sealed);
    await say(sealed, 'court.nl');
    border.clock.aheadMs = 25 * HOUR;
    await handIn('prosecutor.nl', sealed);
    expect(await told('isp.nl')).toEqual(['passage inside']);
  });
});
