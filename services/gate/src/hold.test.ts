import { wire } from '@entente/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import {
  type Approval,
  approval,
  HELD,
  handedIn,
  type Message,
  referral,
  type Sealed,
} from './fixture/test-messages.js';
import { recordIn, summary } from './fixture/test-readers.js';
import { fromMember } from './from-member.js';

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder();
});
afterAll(async () => await border?.stop());
const members = [
  'prosecutor.nl',
  'magistrate.nl',
  'court.nl',
  'court2.nl',
  'police.nl',
  'isp.nl',
  'bench.nl',
  'gone.nl',
];
const told = async (member: string) => (await border.deliveredTo(member)).map(summary);
beforeEach(async () => {
  border.clock.aheadMs = 0;
  for (const member of members) await told(member);
  border.said();
});

const HOUR = 3_600_000;
const handIn = async (by: string, { bytes }: Sealed, gate = border.gate) =>
  await fromMember(gate, handedIn(by, bytes));
/** A Dutch prosecutor's order that waits for a court; whoever is told of it has read so. */
const order = async (message: Message = {}) => {
  const header = { expiresAtMs: Date.now() + 40 * HOUR, ...message.header };
  const sealed = await referral(border, { ...HELD, ...message, header });
  const by = (message.from ?? 'prosecutor.nl').split(' ')[0] ?? '';
  expect(await handIn(by, sealed)).toBe('done');
  expect(await told(by)).toEqual(['held crossing']);
  for (const member of ['court.nl', 'court2.nl', 'magistrate.nl', 'bench.nl'])
    if (!message.to?.startsWith(member)) await told(member);
  return sealed;
};
const say = async (about: Sealed, by: string, more: Partial<Approval> = {}) => {
  const word = await approval(border, { by, about, ...more });
  expect(await handIn(by.split(' ')[0] ?? '', word)).toBe('done');
  return word;
};
const kept = async ({ hash }: Sealed) =>
  await border.gate.bus.readLast('HELD', `gate.held.${hash.toString('hex')}`);

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
    await Promise.all(members.map(told));
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
    await border.gate.bus.publish(`gate.held.${sealed.hash.toString('hex')}`, new Uint8Array(), {
      timeoutMs: 2000,
    });
    await say(sealed, 'court.nl');
    await say(sealed, 'court2.nl', { word: 'not-released' });
    expect(await told('isp.nl')).toEqual([]);
    await told('prosecutor.nl');
    await handIn('prosecutor.nl', sealed);
    expect(await told('prosecutor.nl')).toEqual(['submission-rejected rejection not-released']);
  });

  it('says two courts of one nation once to the rules, and names the last word', async () => {
    const sealed = await order();
    await border.gate.bus.publish(`gate.held.${sealed.hash.toString('hex')}`, new Uint8Array(), {
      timeoutMs: 2000,
    });
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
    border.clock.aheadMs = 24 * HOUR - 20_000;
    await handIn('prosecutor.nl', sealed);
    expect(await told('prosecutor.nl')).toEqual(['held crossing']);
    border.clock.aheadMs = 24 * HOUR;
    await handIn('prosecutor.nl', sealed);
    const [delivery] = await border.deliveredTo('prosecutor.nl');
    const { step, verdict, input, event } = recordIn(delivery?.answer?.entry);
    expect([event, step, verdict?.code]).toEqual(['rejection', 'overdue', 'hold-overdue']);
    expect(verdict?.reason).toContain('nobody who may release it decided in time');
    expect(input).toBeNull();
    expect(await kept(sealed)).toHaveLength(0);
    border.clock.aheadMs = 0;
    await say(sealed, 'court.nl');
    await handIn('prosecutor.nl', sealed);
    expect((await told('prosecutor.nl')).at(-1)).toBe('submission-rejected rejection hold-overdue');
    expect(await told('isp.nl')).toEqual([]);
  });

  it('is decided by a release that comes at the last moment, before it is overdue', async () => {
    const sealed = await order();
    await border.gate.bus.publish(`gate.held.${sealed.hash.toString('hex')}`, new Uint8Array(), {
      timeoutMs: 2000,
    });
    await say(sealed, 'court.nl');
    border.clock.aheadMs = 25 * HOUR;
    await handIn('prosecutor.nl', sealed);
    expect(await told('isp.nl')).toEqual(['passage inside']);
  });
});

describe('nobody releases it, and nobody returns it, but a court for which it waits:', () => {
  it.each<[string, string, Partial<Approval>]>([
    ['its sender', 'prosecutor.nl', { to: 'isp.nl access' }],
    ['its recipient', 'isp.nl access', {}],
    ['the police', 'police.nl', {}],
    [
      'a court about another message',
      'court.nl',
      { about: { id: 'a'.repeat(32), hash: Buffer.alloc(32, 3) } },
    ],
    ['a prosecutor who is a court as well, as a prosecutor', 'magistrate.nl prosecutor', {}],
  ])('not %s', async (_who, by, more) => {
    const sealed = await order();
    for (const word of ['released', 'not-released'] as const) {
      await say(sealed, by, { word, ...more });
      await handIn('prosecutor.nl', sealed);
      expect((await told('prosecutor.nl')).at(-1)).toBe('held crossing');
    }
    expect((await told('isp.nl')).filter((word) => word.startsWith('passage'))).toEqual(
      by === 'prosecutor.nl' ? ['passage inside', 'passage inside'] : [],
    );
  });

  it('not its sender, as the court that it is as well', async () => {
    const sealed = await order({ from: 'magistrate.nl prosecutor' });
    await say(sealed, 'magistrate.nl court', { to: 'isp.nl access' });
    await told('magistrate.nl');
    await handIn('magistrate.nl', sealed);
    expect(await told('magistrate.nl')).toEqual(['held crossing']);
  });

  it('not its recipient, as the court that it is as well, which is not told either', async () => {
    const sealed = await order({ to: 'bench.nl access' });
    expect(await told('bench.nl')).toEqual([]);
    await say(sealed, 'bench.nl court');
    await told('bench.nl');
    await handIn('prosecutor.nl', sealed);
    expect((await told('prosecutor.nl')).at(-1)).toBe('held crossing');
    await say(sealed, 'court.nl');
    expect(await told('bench.nl')).toEqual(['passage inside']);
  });

  it('not who says that it is a court', async () => {
    const sealed = await order();
    await say(sealed, 'police.nl court');
    expect(await told('police.nl')).toEqual(['submission-rejected rejection role-not-held']);
    await handIn('prosecutor.nl', sealed);
    expect((await told('prosecutor.nl')).at(-1)).toBe('held crossing');
  });

  it('not a court whose role was taken from it since', async () => {
    const sealed = await order();
    await border.gate.bus.publish(`gate.held.${sealed.hash.toString('hex')}`, new Uint8Array(), {
      timeoutMs: 2000,
    });
    await say(sealed, 'court.nl');
    await told('prosecutor.nl');
    const { nations, gate } = border;
    const directory = gate.directory();
    const dismissed = async (change: object) => {
      const members = nations.nl.part.members.map((one) =>
        one.id === 'court.nl' ? { ...one, ...change } : one,
      );
      await nations.writePart(nations.nl, { members });
      const other = await nations.load();
      await nations.writePart(nations.nl);
      return { ...gate, directory: () => ({ ...other, sha256: directory.sha256 }) };
    };
    for (const change of [{ roles: ['police'] }, { suspendedAtMs: Date.now() - HOUR }]) {
      await handIn('prosecutor.nl', sealed, await dismissed(change));
      expect(await told('prosecutor.nl')).toEqual(['held crossing']);
    }
    await handIn('prosecutor.nl', sealed);
    expect(await told('prosecutor.nl')).toEqual(['submission-accepted crossing']);
  });

  it('not evidence that names it', async () => {
    const sealed = await order();
    const word = await approval(border, { by: 'court.nl', about: sealed, header: { kind: 2 as never } });
    await handIn('court.nl', word);
    await told('prosecutor.nl');
    await handIn('prosecutor.nl', sealed);
    expect(await told('prosecutor.nl')).toEqual(['held crossing']);
  });
});
