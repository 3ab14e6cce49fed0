import type { Bus } from '@entente/bus';
import { LIMITS, wire } from '@entente/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { type Claim, entryOf, HELD, handedIn, referral, type Sealed } from './fixture/test-messages.js';
import { recordIn, summary } from './fixture/test-readers.js';
import { fromMember } from './from-member.js';
import { append, LedgerRefusal } from './ledger-client.js';
import { ensureStreams } from './streams.js';

type Reply = Parameters<typeof wire.appendReply.encode>[0];

let border: TestBorder;
let ledger: Bus;
/** What the ledger, or whoever took its place on the bus, answers to each request in turn; the last one again. */
let replies: ((asked: wire.RecordFrame) => Promise<Reply>)[] = [];
let asked: wire.RecordFrame[] = [];
beforeAll(async () => {
  border = await startBorder({ hasLedger: false, isReady: false });
  await ensureStreams(border.gate);
  await border.gate.packs.refresh(async () => undefined);
  await border.waitForGermany();
  ledger = await border.openLedger();
  ledger.serve('ledger.append', async (bytes) => {
    const record = wire.record.decode(wire.appendRequest.decode(bytes).record);
    asked.push(record);
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    return wire.appendReply.encode((await reply?.(record)) ?? {});
  });
  await ledgerAnswers();
});
afterAll(async () => await border?.stop());
beforeEach(() => {
  border.said();
  replies = [];
  asked = [];
});

/** The subscription is there when a question finds it. */
async function ledgerAnswers(): Promise<void> {
  for (let attempt = 1; attempt < 100; attempt += 1) {
    try {
      await border.gate.bus.request(
        'ledger.append',
        wire.appendRequest.encode({ record: wire.record.encode({}) }),
        { timeoutMs: 500 },
      );
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== 'no-responder') throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const DRAFT = (message: Sealed) => ({
  ...{
    event: 'crossing',
    stage: 'leave',
    step: 'first',
    seal: message.envelope.seal,
    messageHash: message.hash,
  },
  verdict: { decision: 'permit' },
});
/** An entry by the key of our own ledger. */
const entry = async (message: Sealed, claim: Claim = {}) =>
  await entryOf(border, message, { nation: border.nations.nl, ...claim });
const held: Claim = { record: { verdict: { decision: 'hold', awaits: ['court@NL'], holdMinutes: 60 } } };
const end = (step: string, more: Claim['record'] = {}): Claim => ({ record: { step, ...more } });

describe('an append', () => {
  it('asks with its nation and the time of the decision, and hands over the entry that it got', async () => {
    const message = await referral(border);
    const own = await entry(message);
    replies = [async () => ({ entry: own })];
    const before = border.clock.now();
    const recorded = await append(border.gate, DRAFT(message));
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ nation: 'NL', event: 'crossing', stage: 'leave', step: 'first' });
    expect(asked[0]?.decidedAtMs).toBeGreaterThanOrEqual(before);
    expect(recorded.frame.record).toEqual(own.record);
    expect(recorded).toMatchObject({ later: null, approvals: [], index: 0, record: { event: 'crossing' } });
  });

  it('keeps the time at which it was decided', async () => {
    const message = await referral(border);
    replies = [async () => ({ entry: await entry(message) })];
    await append(border.gate, { ...DRAFT(message), decidedAtMs: 77 });
    expect(asked[0]?.decidedAtMs).toBe(77);
  });

  it('hands over what ended a hold, and each approval', async () => {
    const message = await referral(border);
    const later = await entry(message, end('overdue'));
    const approvals = [await entry(await referral(border)), await entry(await referral(border))];
    replies = [async () => ({ entry: await entry(message, held), later, approvals })];
    const recorded = await append(border.gate, DRAFT(message));
    expect(recorded.record.verdict?.decision).toBe('hold');
    expect(recorded.later?.frame.record).toEqual(later.record);
    expect(recorded.approvals.map(({ frame }) => frame.record)).toEqual(
      approvals.map(({ record }) => record),
    );
  });

  it('takes the end that a hold had, whatever end was asked for', async () => {
    const message = await referral(border);
    replies = [async () => ({ entry: await entry(message, end('a'.repeat(64))) })];
    const recorded = await append(border.gate, { ...DRAFT(message), step: 'overdue' });
    expect(recorded.record.step).toBe('a'.repeat(64));
  });

  it('that is refused says the word of the ledger, and what it says of it', async () => {
    replies = [async () => ({ refusal: 'wrong-nation', detail: 'this is the log of FR' })];
    const failed = append(border.gate, DRAFT(await referral(border)));
    await expect(failed).rejects.toBeInstanceOf(LedgerRefusal);
    await expect(failed).rejects.toMatchObject({
      ...{ name: 'LedgerRefusal', refusal: 'wrong-nation' },
      message: 'the ledger refuses: wrong-nation (this is the log of FR)',
    });
  });

  it('that is too large for an entry is not asked for', async () => {
    const message = await referral(border);
    const reason = 'x'.repeat(LIMITS.entry - 1024);
    const failed = append(border.gate, { ...DRAFT(message), verdict: { decision: 'refuse', reason } });
    await expect(failed).rejects.toThrow(/a record of \d+ bytes is too large/);
    expect(asked).toEqual([]);
    replies = [async () => ({ entry: await entry(message) })];
    const fits = { ...DRAFT(message), nation: 'NL', decidedAtMs: 7 };
    const room =
      LIMITS.entry -
      1024 -
      wire.record.encode({ ...fits, verdict: { decision: 'refuse', reason: 'x'.repeat(40_000) } }).length;
    await append(border.gate, {
      ...fits,
      verdict: { decision: 'refuse', reason: 'x'.repeat(40_000 + room) },
    });
    await expect(
      append(border.gate, { ...fits, verdict: { decision: 'refuse', reason: 'x'.repeat(40_001 + room) } }),
    ).rejects.toThrow('too large');
  });
});

describe('a ledger is not believed', () => {
  const answers = async (make: (message: Sealed) => Promise<Reply>, change: object = {}) => {
    const message = await referral(border);
    replies = [async () => await make(message)];
    return await append(border.gate, { ...DRAFT(message), ...change });
  };
  const other = async (claim: Claim = {}) => await entry(await referral(border), claim);

  it.each<[string, (message: Sealed) => Promise<Reply>, object?]>([
    ['about another message', async () => ({ entry: await other() })],
    ['about another stage', async (message) => ({ entry: await entry(message, { stage: 'enter' }) })],
    [
      'about the end of a hold instead of its beginning',
      async (message) => ({ entry: await entry(message, end('overdue')) }),
    ],
    [
      'about the beginning of a hold instead of its end',
      async (message) => ({ entry: await entry(message) }),
      { step: 'overdue' },
    ],
    [
      'about an adoption',
      async (message) => ({
        entry: await entry(message, { record: { adoption: { sha256: Buffer.alloc(32, 1) } } }),
      }),
    ],
    [
      'with an end of another message',
      async (message) => ({ entry: await entry(message, held), later: await other(end('overdue')) }),
    ],
    [
      'with an end at another stage',
      async (message) => ({
        entry: await entry(message, held),
        later: await entry(message, { stage: 'enter', record: { step: 'overdue' } }),
      }),
    ],
  ])('%s', async (_what, make, change) => {
    await expect(answers(make, change)).rejects.toThrow(
      'the ledger answered with an entry for something else',
    );
  });

  it.each<[string, (message: Sealed) => Promise<Reply>]>([
    ['the entry', async (message) => ({ entry: await entryOf(border, message) })],
    [
      'the end of a hold',
      async (message) => ({
        entry: await entry(message, held),
        later: await entryOf(border, message, end('overdue')),
      }),
    ],
    [
      'an approval',
      async (message) => ({
        entry: await entry(message, held),
        approvals: [await other(), await entryOf(border, message)],
      }),
    ],
  ])('when %s is of another log', async (_what, make) => {
    await expect(answers(make)).rejects.toMatchObject({ code: 'checkpoint-wrong-origin' });
  });

  it('when it adopts something else than was asked', async () => {
    const sha256 = Buffer.alloc(32, 1);
    const message = await referral(border);
    const none = { event: 'adopt-pack', stage: '', step: '', messageHash: new Uint8Array() };
    const adopted = async (hash: Uint8Array) =>
      await entry(message, {
        stage: '' as never,
        record: { ...none, seal: new Uint8Array(), adoption: { sha256: hash } },
      });
    replies = [async () => ({ entry: await adopted(Buffer.alloc(32, 2)) })];
    await expect(append(border.gate, { ...none, adoption: { sha256 } })).rejects.toThrow('something else');
    replies = [async () => ({ entry: await adopted(sha256) })];
    expect((await append(border.gate, { ...none, adoption: { sha256 } })).record.event).toBe('adopt-pack');
  });
});

describe('what a gate does when its ledger refuses', () => {
  const handIn = async ({ bytes }: Sealed) => await fromMember(border.gate, handedIn('hotline.nl', bytes));
  const told = async () => (await border.deliveredTo('hotline.nl')).map(summary);

  it('an id that was used before: it asks for a rejection, and that is the answer', async () => {
    const message = await referral(border);
    replies = [
      async () => ({ refusal: 'id-reused' }),
      async (record) => ({ entry: await entry(message, { record, leaf: { event: 'rejection' } }) }),
    ];
    expect(await handIn(message)).toBe('done');
    expect(asked).toHaveLength(2);
    expect(asked[1]).toMatchObject({
      event: 'rejection',
      step: 'first',
      stage: 'leave',
      input: null,
      verdict: { decision: 'refuse', code: 'id-reused', rules: [] },
    });
    expect(asked[1]?.packSha256).toEqual(asked[0]?.packSha256);
    expect(asked[1]?.decidedAtMs).toBe(asked[0]?.decidedAtMs);
    expect(await told()).toEqual(['submission-rejected rejection id-reused']);
    expect(await border.crossed()).toEqual([]);
  });

  it('what was erased: its time is over, and its sender hears so', async () => {
    replies = [async () => ({ refusal: 'erased' })];
    expect(await handIn(await referral(border))).toBe('drop');
    expect(await told()).toEqual(['notice expired']);
    expect(border.said()).toMatchObject([
      { facts: { code: 'expired', detail: 'what the log held of it was erased' } },
    ]);
  });

  it('a stale adoption: it adopts what it works under, first the directory and then the pack, and the message comes again', async () => {
    const adopts = async (record: wire.RecordFrame): Promise<Reply> => ({
      entry: await entry(await referral(border), {
        stage: '' as never,
        record: { ...record, nation: 'NL' },
        leaf: { event: record.event },
      }),
    });
    replies = [async () => ({ refusal: 'adoption-stale' }), adopts];
    await expect(handIn(await referral(border))).rejects.toMatchObject({ refusal: 'adoption-stale' });
    expect(asked.map(({ event }) => event)).toEqual(['crossing', 'adopt-directory', 'adopt-pack']);
    const directory = border.gate.directory();
    expect(asked[1]).toMatchObject({
      nation: 'NL',
      stage: '',
      step: '',
      verdict: null,
      adoption: { versions: directory.versions },
    });
    expect(Buffer.from(asked[1]?.adoption?.sha256 ?? [])).toEqual(Buffer.from(directory.sha256));
    const { pack, version } = border.gate.packs.own();
    expect(asked[2]?.adoption?.versions).toEqual([{ part: 'pack', version }]);
    expect(Buffer.from(asked[2]?.adoption?.sha256 ?? []).toString('hex')).toBe(pack.sha256);
    expect(await told()).toEqual([]);
  });

  it('anything else: the message comes again, and nothing is adopted', async () => {
    for (const refusal of ['version-goes-back', 'record-malformed', 'no-hold']) {
      replies = [async () => ({ refusal })];
      asked = [];
      await expect(handIn(await referral(border))).rejects.toMatchObject({ refusal });
      expect(asked).toHaveLength(1);
    }
    expect(await told()).toEqual([]);
  });

  it('a ledger that does not answer at all', async () => {
    replies = [async () => await Promise.reject(new Error('its disk is full'))];
    await expect(handIn(await referral(border))).rejects.toMatchObject({ code: 'handler-failed' });
    expect(await told()).toEqual([]);
  });

  it('a verdict in the log counts, not what this gate would decide today', async () => {
    const message = await referral(border);
    const verdict = { decision: 'refuse', reason: 'as it was then' };
    replies = [async () => ({ entry: await entry(message, { record: { verdict } }) })];
    expect(await handIn(message)).toBe('done');
    expect(asked[0]?.verdict?.decision).toBe('permit');
    const [delivery] = await border.deliveredTo('hotline.nl');
    expect(recordIn(delivery?.answer?.entry).verdict?.reason).toBe('as it was then');
    expect(await border.crossed()).toEqual([]);
  });

  it('a hold that names nobody and no time is over at once', async () => {
    const message = await referral(border, HELD);
    replies = [
      async () => ({
        entry: await entry(message, {
          stage: 'inside',
          record: { verdict: { decision: 'hold' } },
          leaf: { timeMs: Date.now() - 1000 },
        }),
      }),
      async (record) => ({ entry: await entry(message, { stage: 'inside', record }) }),
    ];
    expect(await fromMember(border.gate, handedIn('prosecutor.nl', message.bytes))).toBe('done');
    expect(asked.map(({ step }) => step)).toEqual(['first', 'overdue']);
  });
});
