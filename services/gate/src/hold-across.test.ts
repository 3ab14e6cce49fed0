import { newId, wire } from '@entente/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { adoptPack } from './adopt.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { holdKit } from './fixture/test-holds.js';
import { approval, entryOf, fromAbroad, HELD, referral, type Sealed } from './fixture/test-messages.js';
import { courtBeforeItLeaves, courtOfOrigin, ministryToo } from './fixture/test-packs.js';
import { recordIn, summary } from './fixture/test-readers.js';
import { withFault } from './fixture/with-fault.js';
import { fromNation } from './from-nation.js';

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder({ changesTheLog: true });
  await publish((dir) => [ministryToo, courtOfOrigin, courtBeforeItLeaves].forEach((add) => void add(dir)));
});
afterAll(async () => {
  await publish();
  await border?.stop();
});
/** The Dutch rules from now on. */
const publish = async (edit?: (dir: string) => void) => {
  const { gate, packs, nations } = border;
  const version = gate.packs.own().version + 1;
  await packs.publish(nations.nl, { version, ...(edit ? { edit } : {}) });
  await gate.packs.refresh((pack) => adoptPack(gate, pack));
};
beforeEach(async () => {
  for (const member of ['prosecutor.nl', 'court.nl', 'ministry.nl', 'isp.nl']) await told(member);
  await border.crossed();
  border.said();
});

const { told, handIn, keep } = holdKit(() => border);

describe('an order that a court and a ministry have to release', () => {
  const order = async () => {
    const sealed = await referral(border, HELD);
    await handIn('prosecutor.nl', sealed);
    return sealed;
  };
  const release = async (about: Sealed, by: string) =>
    await handIn(by, await approval(border, { by, about }));

  it('says so, waits for the shorter time of the two, and asks both', async () => {
    await order();
    const [delivery] = await border.deliveredTo('prosecutor.nl');
    const { verdict } = recordIn(delivery?.answer?.entry);
    expect(verdict).toMatchObject({
      decision: 'hold',
      awaits: ['court@NL', 'ministry@NL'],
      holdMinutes: 720,
    });
    expect(await told('court.nl')).toEqual(['held crossing']);
    expect(await told('ministry.nl')).toEqual(['held crossing']);
  });

  it.each([
    ['court.nl', 'ministry.nl'],
    ['ministry.nl', 'court.nl'],
  ])('goes on when %s and then %s have released it', async (first, second) => {
    const sealed = await order();
    await release(sealed, first);
    expect(await told('isp.nl')).toEqual([]);
    expect((await told('prosecutor.nl')).at(-1)).toBe('held crossing');
    await release(sealed, second);
    const [delivery] = await border.deliveredTo('isp.nl');
    expect(recordIn(delivery?.passage?.proofs[0]).input?.approvals).toEqual([
      { role: 'court', nation: 'NL' },
      { role: 'ministry', nation: 'NL' },
    ]);
  });

  it('does not go on when the same of them says it twice', async () => {
    const sealed = await order();
    await release(sealed, 'court.nl');
    await release(sealed, 'court2.nl');
    expect(await told('isp.nl')).toEqual([]);
    expect((await told('prosecutor.nl')).at(-1)).toBe('held crossing');
  });

  it('is returned when one of them refuses, whatever the other said', async () => {
    const sealed = await order();
    await release(sealed, 'court.nl');
    const refusal = await approval(border, { by: 'ministry.nl', about: sealed, word: 'not-released' });
    await handIn('ministry.nl', refusal);
    expect(await told('isp.nl')).toEqual([]);
    expect((await told('prosecutor.nl')).at(-1)).toBe('submission-rejected rejection not-released');
  });
});

describe('a Dutch notice that a court has to release before it leaves', () => {
  it('waits, and then crosses with the entry that names the release', async () => {
    const sealed = await referral(border, { facts: { category: 'malware' } });
    await handIn('hotline.nl', sealed);
    expect(await told('hotline.nl')).toEqual(['held crossing']);
    expect(await border.crossed()).toEqual([]);
    const word = await approval(border, { by: 'court.nl', to: 'hotline.nl', about: sealed });
    await handIn('court.nl', word);
    const [crossed, ...more] = await border.crossed();
    expect(more).toEqual([]);
    expect(crossed?.passage?.envelope).toEqual(sealed.envelope);
    const [record, ...others] = crossed?.passage?.proofs.map(recordIn) ?? [];
    expect(others).toEqual([]);
    expect(record).toMatchObject({ stage: 'leave', step: word.hash.toString('hex') });
    expect(await told('hotline.nl')).toEqual(['passage inside', 'submission-accepted crossing']);
  });
});

describe('a German notice that the Dutch gate holds for a German court', () => {
  const facts = { category: 'fraud' } as const;
  const notice = async (header = {}) => {
    const sealed = await referral(border, { from: 'hotline.de', to: 'isp.nl hosting', facts, header });
    const left = await entryOf(border, sealed);
    const delivery = await fromAbroad(border, { passage: { envelope: sealed.envelope, proofs: [left] } });
    return { sealed, left, delivery };
  };
  it('its sender and the court hear so, each by its own gate', async () => {
    const { sealed, delivery } = await notice();
    expect(await fromNation(border.gate, delivery)).toBe('done');
    const answers = (await border.crossed()).map(({ subject, answer }) => [
      subject,
      answer?.evidence,
      answer?.to,
      answer?.messageId,
    ]);
    expect(answers).toEqual([
      ['cross.DE.NL.gate', 'held', 'hotline.de', sealed.id],
      ['cross.DE.NL.gate', 'held', 'court.de', sealed.id],
    ]);
    expect(await told('isp.nl')).toEqual([]);
    expect(await told('court.nl')).toEqual([]);
    expect(border.said()).toEqual([]);
  });

  it('is kept with the proof that it came with', async () => {
    const { sealed, left, delivery } = await notice();
    await fromNation(border.gate, delivery);
    const kept = await border.gate.bus.readLast('HELD', `gate.held.${sealed.hash.toString('hex')}`);
    expect(wire.passage.decode(Buffer.from(kept ?? []))).toEqual({
      envelope: sealed.envelope,
      proofs: [{ ...left, proof: Buffer.from(left.proof) }],
    });
    await border.crossed();
  });

  it('goes on when that court releases it: its word crosses to a Dutch member, and the notice is resumed', async () => {
    const { sealed, delivery } = await notice();
    await fromNation(border.gate, delivery);
    await border.crossed();
    // To the sender it would stay at home: a court's edge addresses its word so that it passes the gate that holds the message.
    const word = await approval(border, { by: 'court.de', to: 'isp.nl hosting', about: sealed });
    const left = await entryOf(border, word, { record: { event: 'approval' }, leaf: { event: 'approval' } });
    const coming = await fromAbroad(border, { passage: { envelope: word.envelope, proofs: [left] } });
    expect(await fromNation(border.gate, coming)).toBe('done');
    const delivered = await border.deliveredTo('isp.nl');
    expect(delivered.map(summary)).toEqual(['passage leave enter', 'passage leave enter']);
    const entered = recordIn(delivered[1]?.passage?.proofs[1]);
    expect(entered).toMatchObject({
      step: word.hash.toString('hex'),
      input: { approvals: [{ role: 'court', nation: 'DE' }] },
    });
    const answers = (await border.crossed()).map(({ answer }) => answer?.evidence);
    expect(answers).toEqual(['relay-accepted']);
  });

  it('not when a Dutch court does', async () => {
    const { sealed, delivery } = await notice();
    await fromNation(border.gate, delivery);
    const word = await approval(border, { by: 'court.nl', to: 'hotline.de', about: sealed });
    expect(await handIn('court.nl', word)).toBe('done');
    expect(await told('isp.nl')).toEqual([]);
    await fromNation(border.gate, delivery);
    expect((await border.crossed()).at(-2)?.answer?.evidence).toBe('held');
  });

  it('has its answer also while who may release it cannot be told, which is told again with it', async () => {
    const { delivery } = await notice();
    const cross = await border.openGate(true);
    let sent = 0;
    // The way to Germany breaks after the answer to the sender.
    const publishAcross: typeof cross.publishAcross = async (...asked) => {
      sent += 1;
      if (sent === 2) await cross.close();
      await cross.publishAcross(...asked);
    };
    const breaking = { ...border.gate, cross: withFault(cross, { publishAcross }) };
    expect(await fromNation(breaking, delivery)).toBe('done');
    expect(border.said()).toMatchObject([
      { level: 'warn', message: expect.stringContaining('could not be told'), facts: { nation: 'DE' } },
    ]);
    expect((await border.crossed()).map(({ answer }) => answer?.to)).toEqual(['hotline.de']);
    expect(await fromNation(border.gate, delivery)).toBe('done');
    expect((await border.crossed()).map(({ answer }) => answer?.to)).toEqual(['hotline.de', 'court.de']);
  });
});

describe('what was kept is believed as little as what comes in:', () => {
  const released = async (about: Pick<Sealed, 'id' | 'hash'>) =>
    await approval(border, { by: 'court.nl', about });
  const order = async () => {
    const sealed = await referral(border, HELD);
    await handIn('prosecutor.nl', sealed);
    await told('prosecutor.nl');
    border.said();
    return sealed;
  };

  it.each<[string, string, (sealed: Sealed) => Uint8Array]>([
    ['what cannot be decoded', 'frame-malformed', () => Buffer.from('anything')],
    [
      'a seal that is none',
      'id-malformed',
      () => wire.passage.encode({ envelope: { seal: Buffer.from('x') } }),
    ],
    [
      'another body',
      'body-mismatch',
      ({ envelope }) => wire.passage.encode({ envelope: { ...envelope, body: Buffer.from('x') } }),
    ],
  ])('%s is told to the operator, and the approval is done', async (_what, code, make) => {
    const sealed = await order();
    await keep(sealed, make(sealed));
    expect(await handIn('court.nl', await released(sealed))).toBe('done');
    expect(border.said()).toMatchObject([
      { level: 'warn', message: 'a held message cannot be read any more', facts: { code } },
    ]);
    expect(await told('prosecutor.nl')).toEqual(['passage inside']);
  });

  it('a German message needs its proof as it did when it came', async () => {
    const sealed = await order();
    const german = await referral(border, { from: 'hotline.de', to: 'isp.nl hosting' });
    await keep(sealed, wire.passage.encode({ envelope: german.envelope, proofs: [] }));
    expect(await handIn('court.nl', await released(sealed))).toBe('done');
    expect(border.said()).toMatchObject([{ facts: { code: 'proof-missing' } }]);
    expect(await told('isp.nl')).toEqual([]);
  });

  it('nothing kept, and nothing in what was kept, is nothing to do', async () => {
    for (const bytes of [new Uint8Array(), wire.passage.encode({ envelope: null })]) {
      const sealed = await order();
      await keep(sealed, bytes);
      expect(await handIn('court.nl', await released(sealed))).toBe('done');
      expect(border.said()).toEqual([]);
      expect(await told('prosecutor.nl')).toEqual(['passage inside']);
    }
    const nowhere = await released({ id: newId(), hash: Buffer.alloc(32, 5) });
    expect(await handIn('court.nl', nowhere)).toBe('done');
    expect(border.said()).toEqual([]);
  });

  it('what fails for another reason than its sender comes again with the approval', async () => {
    const sealed = await order();
    await told('court.nl');
    const readLast = async () => await Promise.reject(new Error('the server is gone'));
    const broken = { ...border.gate, bus: withFault(border.gate.bus, { readLast }) };
    await expect(handIn('court.nl', await released(sealed), broken)).rejects.toThrow('the server is gone');
    expect(await told('isp.nl')).toEqual([]);
  });

  it('a place that is full delays a release, and nothing else', async () => {
    const sealed = await referral(border, HELD);
    const { bus } = border.gate;
    const publish: typeof bus.publish = async (subject, ...rest) => {
      if (subject.startsWith('gate.held.')) throw new Error('full');
      await bus.publish(subject, ...rest);
    };
    const full = withFault(bus, { publish });
    expect(await handIn('prosecutor.nl', sealed, { ...border.gate, bus: full })).toBe('done');
    expect(border.said()).toMatchObject([
      { level: 'warn', message: expect.stringContaining('could not be kept') },
    ]);
    expect(await told('prosecutor.nl')).toEqual(['held crossing']);
    expect(await told('court.nl')).toEqual(['held crossing']);
  });
});
