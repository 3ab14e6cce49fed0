import { newId, type wire } from '@entente/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { approval, handedIn, referral, type Sealed, statement } from './fixture/test-messages.js';
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
const counted = async (line: string) =>
  (await border.metrics.text()).split('\n').find((one) => one.startsWith(line));

describe('a message that may leave', () => {
  it('goes to the other nation with the entry that permits it, and the sender has the same entry', async () => {
    const message = await referral(border);
    const size = border.logSize();
    expect(await handIn(message)).toBe('done');
    expect(border.logSize()).toBe(size + 1);
    const [crossed, ...more] = await border.crossed();
    expect(more).toEqual([]);
    expect(crossed?.subject).toBe('cross.DE.NL.hotline_nl');
    expect(crossed?.passage?.envelope).toEqual(message.envelope);
    expect(crossed?.answer).toBeNull();
    const [delivery, ...others] = await border.deliveredTo('hotline.nl');
    expect(others).toEqual([]);
    const { messageHash, ...answer } = delivery?.answer ?? ({} as wire.AnswerFrame);
    expect(answer).toMatchObject({
      evidence: 'submission-accepted',
      messageId: message.id,
      to: 'hotline.nl',
    });
    expect(message.hash.equals(messageHash)).toBe(true);
    expect(crossed?.passage?.proofs).toEqual([answer.entry]);
    const permits = expect.arrayContaining([expect.objectContaining({ id: 'hotline-to-host' })]);
    expect(recordIn(answer.entry)).toMatchObject({
      ...{ nation: 'NL', event: 'crossing', stage: 'leave', step: 'first', adoption: null },
      verdict: { decision: 'permit', code: '', rules: permits },
      input: { fromTypes: ['hotline'], toTypes: ['isp'], approvals: [] },
    });
    expect(border.said()).toEqual([]);
  });

  it('has in the log what it was decided by, and when', async () => {
    border.clock.aheadMs = 60_000;
    const { bytes } = await referral(border);
    const before = border.clock.now();
    await handIn({ bytes });
    const after = border.clock.now();
    const [delivery] = await border.deliveredTo('hotline.nl');
    border.clock.aheadMs = 0;
    const { packSha256, directorySha256, decidedAtMs } = recordIn(delivery?.answer?.entry);
    expect(Buffer.from(packSha256).toString('hex')).toBe(border.gate.packs.own().pack.sha256);
    expect(Buffer.from(directorySha256)).toEqual(Buffer.from(border.gate.directory().sha256));
    expect(decidedAtMs).toBeGreaterThanOrEqual(before);
    expect(decidedAtMs).toBeLessThanOrEqual(after);
    await border.crossed();
  });

  it('stays inside when its recipient does', async () => {
    const message = await referral(border, { to: 'isp.nl hosting' });
    expect(await handIn(message)).toBe('done');
    const [delivery] = await border.deliveredTo('isp.nl');
    expect(delivery?.passage?.envelope).toEqual(message.envelope);
    expect(delivery?.passage?.proofs.map((entry) => recordIn(entry).stage)).toEqual(['inside']);
    expect(await told()).toEqual(['submission-accepted crossing']);
    expect(await border.crossed()).toEqual([]);
  });

  it('is counted by stage, decision and rule, and by its age', async () => {
    await handIn(await referral(border, { to: 'isp.nl hosting' }));
    const [delivery] = await border.deliveredTo('hotline.nl');
    const [rule] = recordIn(delivery?.answer?.entry).verdict?.rules ?? [];
    const labels = `{stage="inside",event="crossing",decision="permit",rule="${rule?.id}"}`;
    expect(await counted(`entente_gate_decisions_total${labels}`)).toMatch(/ [1-9]\d*$/);
    expect(await counted('entente_gate_age_seconds_count{stage="inside"}')).toMatch(/ [1-9]\d*$/);
    await told('isp.nl');
  });

  it('does so again when it comes again, with the first entry, and the log stays as it is', async () => {
    const message = await referral(border);
    await handIn(message);
    const first = [await border.crossed(), await border.deliveredTo('hotline.nl')] as const;
    const size = border.logSize();
    expect(await handIn(message)).toBe('done');
    expect(border.logSize()).toBe(size);
    const [crossed] = await border.crossed();
    expect(crossed?.passage?.proofs[0]?.leaf).toEqual(first[0][0]?.passage?.proofs[0]?.leaf);
    const [again] = await border.deliveredTo('hotline.nl');
    expect(again?.answer?.entry?.leaf).toEqual(first[1][0]?.answer?.entry?.leaf);
  });

  it('is answered with its permit, but goes no further, when its time is over since', async () => {
    const message = await referral(border);
    await handIn(message);
    await Promise.all([border.crossed(), told()]);
    const late = { ...border.gate, now: () => Date.now() + 3_600_001 };
    expect(await handIn(message, 'hotline.nl', late)).toBe('done');
    expect(await told()).toEqual(['submission-accepted crossing']);
    expect(await border.crossed()).toEqual([]);
  });
});

describe('a message that the rules refuse', () => {
  it('is logged, and its sender reads by which rule; nothing goes further', async () => {
    const message = await referral(border, { facts: { dataClasses: ['victim.identity'] } });
    const size = border.logSize();
    expect(await handIn(message)).toBe('done');
    expect(border.logSize()).toBe(size + 1);
    const [delivery] = await border.deliveredTo('hotline.nl');
    const { event, verdict } = recordIn(delivery?.answer?.entry);
    expect(delivery?.answer?.evidence).toBe('submission-rejected');
    expect(event).toBe('crossing');
    expect(verdict).toMatchObject({ decision: 'refuse', rules: [{ id: 'victim-not-to-provider' }] });
    expect(await border.crossed()).toEqual([]);
    expect(
      await counted('entente_gate_decisions_total{stage="leave",event="crossing",decision="refuse"'),
    ).toBeDefined();
  });
});

describe('evidence and approvals', () => {
  const about = [{ id: newId(), hash: Buffer.alloc(32, 1) }];

  it('pass without a rule, and evidence is never answered by evidence', async () => {
    const message = await statement(border, { to: 'isp.de hosting', about });
    expect(await handIn(message)).toBe('done');
    const [crossed] = await border.crossed();
    expect(crossed?.passage?.envelope).toEqual(message.envelope);
    const record = recordIn(crossed?.passage?.proofs[0]);
    expect(record).toMatchObject({
      event: 'evidence',
      verdict: { decision: 'permit', rules: [] },
      input: null,
    });
    expect(await told()).toEqual([]);
  });

  it('raise an alarm when they say that a sender declared false facts', async () => {
    const [one] = about;
    const told = [
      { id: one?.id ?? '', hash: Buffer.alloc(32, 1), code: 'facts-mismatch' },
      { id: newId(), hash: Buffer.alloc(32, 2) },
    ];
    const message = await statement(border, { to: 'isp.nl hosting', evidence: 'not-delivered', about: told });
    await handIn(message);
    const [delivery] = await border.deliveredTo('isp.nl');
    expect(recordIn(delivery?.passage?.proofs[0]).event).toBe('violation');
    expect(border.said()).toMatchObject([
      {
        level: 'error',
        message: expect.stringContaining('ALARM: violation'),
        facts: { messages: [about[0]?.id], sender: 'isp.nl', recipient: 'hotline.nl' },
      },
    ]);
  });

  it.each([
    ['another reason', 'not-delivered', 'expired'],
    ['other evidence', 'delivered', 'facts-mismatch'],
  ])('raise none for %s', async (_what, evidence, code) => {
    const said = [{ id: newId(), hash: Buffer.alloc(32, 1), code }];
    await handIn(await statement(border, { to: 'isp.nl hosting', evidence, about: said }));
    const [delivery] = await border.deliveredTo('isp.nl');
    expect(recordIn(delivery?.passage?.proofs[0]).event).toBe('evidence');
    expect(border.said()).toEqual([]);
  });

  it('tell who approves that its word is on record', async () => {
    const message = await approval(border, {
      by: 'court.nl',
      about: about[0] ?? { id: '', hash: Buffer.alloc(0) },
    });
    expect(await handIn(message, 'court.nl')).toBe('done');
    expect(await told('court.nl')).toEqual(['submission-accepted approval']);
    expect(await told('prosecutor.nl')).toEqual(['passage inside']);
  });
});

describe('what is our own fault is thrown, and the message comes again:', () => {
  it('the other nation cannot be reached; then it can, and the first entry counts', async () => {
    const message = await referral(border);
    const cross = await border.openGate(true);
    await cross.close();
    const size = border.logSize();
    await expect(handIn(message, 'hotline.nl', { ...border.gate, cross })).rejects.toMatchObject({
      name: 'BusError',
    });
    expect(border.logSize()).toBe(size + 1);
    expect(await handIn(message)).toBe('done');
    expect(border.logSize()).toBe(size + 1);
    expect(await border.crossed()).toHaveLength(1);
    await told();
  });

  it("the other nation's gate has no valid key", async () => {
    const { nations, gate } = border;
    const directory = gate.directory();
    const stated = { ...nations.de.gate.stated, validUntilMs: Date.now() - 1000 };
    await nations.writePart(nations.de, { gate: { nkey: '', crossNkey: '', keys: [stated] } });
    const other = await nations.load();
    await nations.writePart(nations.de);
    const message = await referral(border);
    // The ledger goes by what was adopted; where to send it to is asked of the other one.
    const changed = { ...gate, directory: () => ({ ...other, sha256: directory.sha256 }) };
    await expect(handIn(message, 'hotline.nl', changed)).rejects.toThrow(
      'the gate of DE has no valid key now',
    );
    expect(await handIn(message)).toBe('done');
    expect(await border.crossed()).toHaveLength(1);
    await told();
  });
});
