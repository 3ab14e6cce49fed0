import { BATCHING, LIMITS, wire } from '@entente/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answerAsLedger, type FalseLedger, type Reply } from './fixture/false-ledger.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { type Claim, entryOf, type Message, referral, type Sealed } from './fixture/test-messages.js';
import { append, askTime, LedgerRefusal } from './ledger-client.js';

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
  ledger.raw = undefined;
});

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
const held: Claim = { record: { verdict: { decision: 'hold', awaits: ['court@NL'], holdMinutes: 60 } } };
const end = (step: string, more: Claim['record'] = {}): Claim => ({ record: { step, ...more } });

describe('an append', () => {
  it('asks with its nation and the time of the decision, and hands over the entry that it got', async () => {
    const message = await referral(border);
    const own = await ledger.entry(message);
    ledger.replies = [async () => ({ entry: own })];
    const before = border.clock.now();
    const recorded = await append(border.gate, DRAFT(message));
    expect(ledger.asked).toHaveLength(1);
    expect(ledger.asked[0]).toMatchObject({ nation: 'NL', event: 'crossing', stage: 'leave', step: 'first' });
    expect(ledger.asked[0]?.decidedAtMs).toBeGreaterThanOrEqual(before);
    expect(recorded.frame.record).toEqual(own.record);
    expect(recorded).toMatchObject({ later: null, approvals: [], index: 0, record: { event: 'crossing' } });
  });

  it('keeps the time at which it was decided', async () => {
    const message = await referral(border);
    ledger.replies = [async () => ({ entry: await ledger.entry(message) })];
    await append(border.gate, { ...DRAFT(message), decidedAtMs: 77 });
    expect(ledger.asked[0]?.decidedAtMs).toBe(77);
  });

  it('hands over what ended a hold, and each approval', async () => {
    const message = await referral(border);
    const later = await ledger.entry(message, end('overdue'));
    const approvals = [
      await ledger.entry(await referral(border)),
      await ledger.entry(await referral(border)),
    ];
    ledger.replies = [async () => ({ entry: await ledger.entry(message, held), later, approvals })];
    const recorded = await append(border.gate, DRAFT(message));
    expect(recorded.record.verdict?.decision).toBe('hold');
    expect(recorded.later?.frame.record).toEqual(later.record);
    expect(recorded.approvals.map(({ frame }) => frame.record)).toEqual(
      approvals.map(({ record }) => record),
    );
  });

  it('takes the end that a hold had, whatever end was ledger.asked for', async () => {
    const message = await referral(border);
    ledger.replies = [async () => ({ entry: await ledger.entry(message, end('a'.repeat(64))) })];
    const recorded = await append(border.gate, { ...DRAFT(message), step: 'overdue' });
    expect(recorded.record.step).toBe('a'.repeat(64));
  });

  it('that refuses an id hands over what has it', async () => {
    const first = await referral(border);
    const message = await referral(border, { header: { id: first.id } });
    const claimed = await ledger.entry(first);
    ledger.replies = [async () => ({ entry: await ledger.entry(message), claimed })];
    const recorded = await append(border.gate, DRAFT(message));
    expect(recorded.claimed?.frame.record).toEqual(claimed.record);
  });

  it.each<[string, (id: string) => Message, Claim]>([
    ['of another sender', (id) => ({ from: 'police.nl', header: { id } }), {}],
    ['under another id', () => ({}), {}],
    ['of another stage', (id) => ({ header: { id } }), { stage: 'inside' }],
    [
      'that names the hash of another seal',
      (id) => ({ header: { id } }),
      { record: { messageHash: Buffer.alloc(32) } },
    ],
  ])('is not believed with what would have its id %s', async (_what, of, claim) => {
    const message = await referral(border);
    const claimed = await ledger.entry(await referral(border, of(message.id)), claim);
    ledger.replies = [async () => ({ entry: await ledger.entry(message), claimed })];
    await expect(append(border.gate, DRAFT(message))).rejects.toThrow('does not have this id');
  });

  it('that is refused says the word of the ledger, and what it says of it', async () => {
    ledger.replies = [async () => ({ refusal: 'wrong-nation', detail: 'this is the log of FR' })];
    const failed = append(border.gate, DRAFT(await referral(border)));
    await expect(failed).rejects.toBeInstanceOf(LedgerRefusal);
    await expect(failed).rejects.toMatchObject({
      ...{ name: 'LedgerRefusal', refusal: 'wrong-nation' },
      message: 'the ledger refuses: wrong-nation (this is the log of FR)',
    });
  });

  it('that is too large for an entry is not ledger.asked for', async () => {
    const message = await referral(border);
    const reason = 'x'.repeat(LIMITS.entry - 1024);
    const failed = append(border.gate, { ...DRAFT(message), verdict: { decision: 'refuse', reason } });
    await expect(failed).rejects.toThrow(/a record of \d+ bytes is too large/);
    expect(ledger.asked).toEqual([]);
    ledger.replies = [async () => ({ entry: await ledger.entry(message) })];
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

describe('appends that go together', () => {
  const three = async () => {
    const messages = [await referral(border), await referral(border), await referral(border)] as const;
    const asked = messages.map(async (message) => await append(border.gate, DRAFT(message)));
    return { messages, answered: await Promise.allSettled(asked) };
  };
  const answerTo = async (request: Uint8Array) => {
    const { messageHash, seal } = wire.record.decode(wire.appendRequest.decode(request).record);
    const message = { hash: messageHash, envelope: { seal } } as Sealed;
    return wire.appendReply.encode({ entry: await ledger.entry(message) });
  };

  it('have one request and one answer, and each its own entry', async () => {
    const sizes: number[] = [];
    ledger.raw = async (requests) => {
      sizes.push(requests.length);
      return BATCHING.pack(await Promise.all(requests.map(answerTo)));
    };
    const { messages, answered } = await three();
    expect(sizes).toEqual([3]);
    expect(
      answered.map(
        (one) => one.status === 'fulfilled' && Buffer.from(one.value.record.messageHash).toString('hex'),
      ),
    ).toEqual(messages.map(({ hash }) => Buffer.from(hash).toString('hex')));
  });

  it('are asked for again where the answer to one did not fit beside the others', async () => {
    const sizes: number[] = [];
    ledger.raw = async (requests) => {
      sizes.push(requests.length);
      const [first, ...more] = await Promise.all(requests.map(answerTo));
      return BATCHING.pack([first as Uint8Array, ...more.map(() => new Uint8Array())]);
    };
    expect((await three()).answered.map(({ status }) => status)).toEqual(Array(3).fill('fulfilled'));
    expect(sizes).toEqual([3, 1, 1]);
  });

  it('fail where there are fewer answers than requests, and not by a fault of a message', async () => {
    ledger.raw = async (requests) => BATCHING.pack([await answerTo(requests[0] as Uint8Array)]);
    const { answered } = await three();
    expect(answered.map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
    for (const one of answered)
      expect(one).toMatchObject({
        reason: { name: 'NotNow', message: 'the ledger gave 1 answers to 3 requests' },
      });
  });
});

describe('a ledger is not believed', () => {
  const answers = async (make: (message: Sealed) => Promise<Reply>, change: object = {}) => {
    const message = await referral(border);
    ledger.replies = [async () => await make(message)];
    return await append(border.gate, { ...DRAFT(message), ...change });
  };
  const other = async (claim: Claim = {}) => await ledger.entry(await referral(border), claim);

  it.each<[string, (message: Sealed) => Promise<Reply>, object?]>([
    ['about another message', async () => ({ entry: await other() })],
    ['about another stage', async (message) => ({ entry: await ledger.entry(message, { stage: 'enter' }) })],
    [
      'about the end of a hold instead of its beginning',
      async (message) => ({ entry: await ledger.entry(message, end('overdue')) }),
    ],
    [
      'about the beginning of a hold instead of its end',
      async (message) => ({ entry: await ledger.entry(message) }),
      { step: 'overdue' },
    ],
    [
      'about an adoption',
      async (message) => ({
        entry: await ledger.entry(message, { record: { adoption: { sha256: Buffer.alloc(32, 1) } } }),
      }),
    ],
    [
      'with an end of another message',
      async (message) => ({ entry: await ledger.entry(message, held), later: await other(end('overdue')) }),
    ],
    [
      'with an end at another stage',
      async (message) => ({
        entry: await ledger.entry(message, held),
        later: await ledger.entry(message, { stage: 'enter', record: { step: 'overdue' } }),
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
        entry: await ledger.entry(message, held),
        later: await entryOf(border, message, end('overdue')),
      }),
    ],
    [
      'an approval',
      async (message) => ({
        entry: await ledger.entry(message, held),
        approvals: [await other(), await entryOf(border, message)],
      }),
    ],
  ])('when %s is of another log', async (_what, make) => {
    await expect(answers(make)).rejects.toMatchObject({ code: 'checkpoint-wrong-origin' });
  });

  it('when its answer cannot be read: no message is refused for that', async () => {
    for (const bytes of [Buffer.from('nonsense'), Buffer.from('0a0a', 'hex'), Buffer.alloc(3, 0xff)]) {
      ledger.raw = async () => bytes;
      const failed = append(border.gate, DRAFT(await referral(border)));
      await expect(failed).rejects.toMatchObject({
        name: 'NotNow',
        message: 'the answer of the ledger cannot be read',
      });
      await expect(failed).rejects.toMatchObject({ cause: { name: 'Rejection' } });
    }
  });

  it('when it adopts something else than was asked', async () => {
    const sha256 = Buffer.alloc(32, 1);
    const message = await referral(border);
    const none = { event: 'adopt-pack', stage: '', step: '', messageHash: new Uint8Array() };
    const adopted = async (hash: Uint8Array) =>
      await ledger.entry(message, {
        stage: '' as never,
        record: { ...none, seal: new Uint8Array(), adoption: { sha256: hash } },
      });
    ledger.replies = [async () => ({ entry: await adopted(Buffer.alloc(32, 2)) })];
    await expect(append(border.gate, { ...none, adoption: { sha256 } })).rejects.toThrow('something else');
    ledger.replies = [async () => ({ entry: await adopted(sha256) })];
    expect((await append(border.gate, { ...none, adoption: { sha256 } })).record.event).toBe('adopt-pack');
  });
});

it('a gate that asks its ledger for the time says what its own clock says, and asks for nothing else', async () => {
  const asked: wire.AppendRequestFrame[] = [];
  ledger.raw = async ([request]) => {
    asked.push(wire.appendRequest.decode(request ?? new Uint8Array()));
    return wire.appendReply.encode({ refusal: 'unknown' });
  };
  border.clock.aheadMs = 1234;
  const before = border.clock.now();
  await askTime(border.gate);
  border.clock.aheadMs = 0;
  expect(asked).toEqual([{ record: Buffer.alloc(0), knownOnly: false, askedAtMs: expect.any(Number) }]);
  expect(asked[0]?.askedAtMs).toBeGreaterThanOrEqual(before);
});
