import { BusError } from '@entente/bus';
import { newId, wire } from '@entente/contract';
import { createRateLimit } from '@entente/runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import {
  approval,
  entryOf,
  fromAbroad,
  type Message,
  referral,
  type Sealed,
  statement,
} from './fixture/test-messages.js';
import { recordIn, summary } from './fixture/test-readers.js';
import { withFault } from './fixture/with-fault.js';
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

  it('under an id that its sender has used before is refused; of the first its own nation speaks', async () => {
    const [first, second] = [await german(), await german()];
    const reused = await german({ header: { id: first.id } });
    for (const message of [first, second, reused])
      expect(await arrive(message, await entryOf(border, message))).toBe('done');
    expect(await answers()).toEqual([
      ['relay-accepted', ''],
      ['relay-accepted', ''],
      ['relay-rejected', 'id-reused'],
    ]);
    expect(await told('isp.nl')).toEqual(['passage leave enter', 'passage leave enter']);
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

  it('is counted each time if it is none, and told in the log not too often', async () => {
    const gate = { ...border.gate, mayNotify: createRateLimit(2, () => 0) };
    const empty = await fromAbroad(border, {});
    const count = async () =>
      Number(
        /gate_dropped_total\{[^}]*"nation"[^}]*"frame-malformed"[^}]*\} (\d+)/.exec(
          await border.metrics.text(),
        )?.[1] ?? 0,
      );
    const before = await count();
    for (let n = 0; n < 5; n += 1) expect(await fromNation(gate, empty)).toBe('drop');
    expect(border.said()).toHaveLength(2);
    expect(await count()).toBe(before + 5);
  });

  it('may be no message at all, but a probe, which is answered on the same way and logged by nobody', async () => {
    const nonce = Buffer.alloc(16, 3);
    const size = border.logSize();
    const delivery = await fromAbroad(border, { probe: { nonce, isAnswer: false, atMs: Date.now() } });
    expect(await fromNation(border.gate, delivery)).toBe('done');
    expect(border.logSize()).toBe(size);
    expect(await border.crossed()).toMatchObject([
      { subject: 'cross.DE.NL.probe', passage: null, answer: null, probe: { nonce, isAnswer: true } },
    ]);
  });

  it('is not forwarded a second time for a nation that does not take the answer, and what was not forwarded is', async () => {
    let tries = 0;
    const publishAcross = async () => {
      tries += 1;
      throw new BusError('timeout', 'no answer');
    };
    const gate = { ...border.gate, cross: withFault(border.gate.cross, { publishAcross }) };
    const deliver = async ({ envelope }: Sealed, left: wire.EntryFrame, redeliveries: number) =>
      await fromNation(gate, {
        ...(await fromAbroad(border, { passage: { envelope, proofs: [left] } })),
        redeliveries,
      });
    const [first, second] = [await german(), await german()];
    const [left, otherLeft] = [await entryOf(border, first), await entryOf(border, second)];
    await expect(deliver(first, left, 0)).rejects.toMatchObject({ code: 'timeout' });
    expect(await told('isp.nl')).toEqual(['passage leave enter']);
    for (const redeliveries of [1, 2])
      await expect(deliver(first, left, redeliveries)).rejects.toMatchObject({ code: 'timeout' });
    expect(await told('isp.nl')).toEqual([]);
    await expect(deliver(second, otherLeft, 1)).rejects.toMatchObject({ code: 'timeout' });
    expect(await told('isp.nl')).toEqual(['passage leave enter']);
    expect(tries).toBe(1);
    // As its sender sends it again.
    await expect(deliver(first, left, 0)).rejects.toMatchObject({ code: 'timeout' });
    expect(await told('isp.nl')).toEqual(['passage leave enter']);
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
