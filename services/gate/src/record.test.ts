import { wire } from '@entente/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authenticate } from './authenticate.js';
import { answerAsLedger, type FalseLedger, type Reply } from './fixture/false-ledger.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { HELD, handedIn, referral, type Sealed, sealedOf } from './fixture/test-messages.js';
import { recordIn, summary } from './fixture/test-readers.js';
import { fromMember } from './from-member.js';
import { refusePoison } from './refuse-poison.js';

let border: TestBorder;
let ledger: FalseLedger;
beforeAll(async () => {
  border = await startBorder({ hasLedger: false, isReady: false });
  ledger = await answerAsLedger(border);
});
afterAll(async () => await border?.stop());
beforeEach(() => {
  border.said();
  ledger.replies = [];
  ledger.asked = [];
});

describe('what a gate does when its ledger refuses', () => {
  const handIn = async ({ bytes }: Sealed) => await fromMember(border.gate, handedIn('hotline.nl', bytes));
  const told = async () => (await border.deliveredTo('hotline.nl')).map(summary);

  it('an id that was used before: it asks for a rejection, and that is the answer', async () => {
    const message = await referral(border);
    ledger.replies = [
      async () => ({ refusal: 'id-reused' }),
      async (record) => ({ entry: await ledger.entry(message, { record, leaf: { event: 'rejection' } }) }),
    ];
    expect(await handIn(message)).toBe('done');
    expect(ledger.asked).toHaveLength(2);
    expect(ledger.asked[1]).toMatchObject({
      event: 'rejection',
      step: 'first',
      stage: 'leave',
      input: null,
      verdict: { decision: 'refuse', code: 'id-reused', rules: [] },
    });
    expect(ledger.asked[1]?.packSha256).toEqual(ledger.asked[0]?.packSha256);
    expect(ledger.asked[1]?.decidedAtMs).toBe(ledger.asked[0]?.decidedAtMs);
    expect(await told()).toEqual(['submission-rejected rejection id-reused']);
    expect(await border.crossed()).toEqual([]);
  });

  it('what was erased: its time is over, and its sender hears so', async () => {
    ledger.replies = [async () => ({ refusal: 'erased' })];
    expect(await handIn(await referral(border))).toBe('drop');
    expect(await told()).toEqual(['notice expired']);
    expect(border.said()).toMatchObject([
      { facts: { code: 'expired', detail: 'what the log held of it was erased' } },
    ]);
  });

  it('a stale adoption: it adopts what it works under, first the directory and then the pack, and the message comes again', async () => {
    const adopts = async (record: wire.RecordFrame): Promise<Reply> => ({
      entry: await ledger.entry(await referral(border), {
        stage: '' as never,
        record: { ...record, nation: 'NL' },
        leaf: { event: record.event },
      }),
    });
    ledger.replies = [async () => ({ refusal: 'adoption-stale' }), adopts];
    await expect(handIn(await referral(border))).rejects.toMatchObject({ refusal: 'adoption-stale' });
    expect(ledger.asked.map(({ event }) => event)).toEqual(['crossing', 'adopt-directory', 'adopt-pack']);
    const directory = border.gate.directory();
    expect(ledger.asked[1]).toMatchObject({
      nation: 'NL',
      stage: '',
      step: '',
      verdict: null,
      adoption: { versions: directory.versions },
    });
    expect(Buffer.from(ledger.asked[1]?.adoption?.sha256 ?? [])).toEqual(Buffer.from(directory.sha256));
    const { pack, version } = border.gate.packs.own();
    expect(ledger.asked[2]?.adoption?.versions).toEqual([{ part: 'pack', version }]);
    expect(Buffer.from(ledger.asked[2]?.adoption?.sha256 ?? []).toString('hex')).toBe(pack.sha256);
    expect(await told()).toEqual([]);
  });

  it('anything else: the message comes again, and nothing is adopted', async () => {
    for (const refusal of ['version-goes-back', 'record-malformed', 'no-hold']) {
      ledger.replies = [async () => ({ refusal })];
      ledger.asked = [];
      await expect(handIn(await referral(border))).rejects.toMatchObject({ refusal });
      expect(ledger.asked).toHaveLength(1);
    }
    expect(await told()).toEqual([]);
  });

  it('a ledger that does not answer at all', async () => {
    ledger.replies = [async () => await Promise.reject(new Error('its disk is full'))];
    await expect(handIn(await referral(border))).rejects.toMatchObject({ code: 'handler-failed' });
    expect(await told()).toEqual([]);
  });

  it('a verdict in the log counts, not what this gate would decide today', async () => {
    const message = await referral(border);
    const verdict = { decision: 'refuse', reason: 'as it was then' };
    ledger.replies = [async () => ({ entry: await ledger.entry(message, { record: { verdict } }) })];
    expect(await handIn(message)).toBe('done');
    expect(ledger.asked[0]?.verdict?.decision).toBe('permit');
    const [delivery] = await border.deliveredTo('hotline.nl');
    expect(recordIn(delivery?.answer?.entry).verdict?.reason).toBe('as it was then');
    expect(await border.crossed()).toEqual([]);
  });

  it('a hold that names nobody and no time is over at once', async () => {
    const message = await referral(border, HELD);
    ledger.replies = [
      async () => ({
        entry: await ledger.entry(message, {
          stage: 'inside',
          record: { verdict: { decision: 'hold' } },
          leaf: { timeMs: Date.now() - 1000 },
        }),
      }),
      async (record) => ({ entry: await ledger.entry(message, { stage: 'inside', record }) }),
    ];
    expect(await fromMember(border.gate, handedIn('prosecutor.nl', message.bytes))).toBe('done');
    expect(ledger.asked.map(({ step }) => step)).toEqual(['first', 'overdue']);
  });

  it('of what is in quarantine now after it was held, its sender hears how the hold ended', async () => {
    const message = await referral(border, HELD);
    const entry = (record: object, event = 'crossing') =>
      ledger.entry(message, { stage: 'inside', record, leaf: { event } });
    const over = {
      event: 'rejection',
      step: 'overdue',
      verdict: { decision: 'refuse', code: 'hold-overdue' },
    };
    ledger.replies = [
      async () => ({
        entry: await entry({ verdict: { decision: 'hold' } }),
        later: await entry(over, 'rejection'),
      }),
    ];
    const sealed = await authenticate(border.gate, message.envelope, Date.now());
    await refusePoison(border.gate, { sealed, stage: 'inside', envelope: message.envelope });
    const told = (await border.deliveredTo('prosecutor.nl')).filter(
      ({ answer }) => answer?.messageId === message.id,
    );
    expect(told.map(summary)).toEqual(['submission-rejected rejection hold-overdue']);
  });
});

describe('what it does of a seal alone', () => {
  const sealOf = async () => {
    const { id, envelope } = await referral(border);
    return sealedOf(id, wire.envelope.encode({ seal: envelope.seal }));
  };
  const handIn = async ({ bytes }: Sealed) => await fromMember(border.gate, handedIn('hotline.nl', bytes));

  it('when the log held it and was to forget it: its time is over, and its sender hears so', async () => {
    ledger.replies = [async () => ({ refusal: 'erased' })];
    expect(await handIn(await sealOf())).toBe('drop');
    expect((await border.deliveredTo('hotline.nl')).map(summary)).toEqual(['notice expired']);
    expect(border.said()).toMatchObject([
      { facts: { code: 'expired', detail: 'what the log held of it was erased' } },
    ]);
  });

  it('when nothing is on record of it: it is returned, and the operator reads why', async () => {
    ledger.replies = [async () => ({ refusal: 'unknown' })];
    expect(await handIn(await sealOf())).toBe('drop');
    expect((await border.deliveredTo('hotline.nl')).map(summary)).toEqual(['notice body-mismatch']);
    expect(border.said()).toMatchObject([
      { facts: { detail: 'only the seal came, of a message that is not on record here' } },
    ]);
  });

  it('when its ledger cannot say: it comes again', async () => {
    for (const refusal of ['ledger-failed', 'clock-differs']) {
      ledger.replies = [async () => ({ refusal })];
      await expect(handIn(await sealOf())).rejects.toMatchObject({ refusal });
    }
    expect(await border.deliveredTo('hotline.nl')).toEqual([]);
  });
});
