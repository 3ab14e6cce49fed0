import { LIMITS, wire } from '@entente/contract';
import { watchClock } from '@entente/runtime';
import { createSigner, generateKey, type Signer } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appendBatch } from './append-batch.js';
import { confirmClock } from './confirm-clock.js';
import { type LedgerUnderTest, startLedger } from './fixture/test-ledger.js';
import {
  adoptions,
  NOW,
  openTestLog,
  record,
  request,
  type TestLog,
  tempDir,
  testSigner,
} from './fixture/test-log.js';
import { adoptAgain, endRecord, NEW_YEAR, orderNext } from './fixture/test-succession.js';

const signer = await testSigner();
let temp: ReturnType<typeof tempDir>;
let ledger: TestLog;
beforeEach(() => {
  temp = tempDir();
  ledger = openTestLog(temp.dir, signer);
});
afterEach(() => {
  ledger.close();
  temp.remove();
});

describe('a clock that is set while the ledger runs', () => {
  const HOUR = 3_600_000;
  const steady = { ms: 0 };
  const own = {
    event: 'setting',
    administration: { subject: 'retention', before: '', after: '60' },
  } as const;
  const startAt = async () => {
    const now = () => ledger.clock.nowMs;
    const clock = watchClock(now, LIMITS.skewMs, () => steady.ms);
    clock.tell(now());
    const log = { ...ledger.log, clock };
    await ledger.append(...adoptions);
    const ask = async (...asked: Parameters<typeof appendBatch>[1]) =>
      (await appendBatch(log, asked)).map((bytes) => {
        const { entry, refusal } = wire.appendReply.decode(bytes);
        return entry ? wire.leaf.decode(entry.leaf).timeMs : refusal;
      });
    const of = (id: string, decidedAtMs: number) => request(record(id, { decidedAtMs }));
    return { ask, of };
  };

  test.each([HOUR, -HOUR])(
    'by %i ms, as by the sleep of its machine: a ledger that nobody writes to is right again when a gate asks for the time and says the same',
    async (by) => {
      const { ask } = await startAt();
      ledger.clock.nowMs = NOW + by;
      const askTime = (askedAtMs: number) => wire.appendRequest.encode({ askedAtMs });
      expect(await ask(askTime(NOW), own)).toEqual(['unknown', 'clock-differs']);
      const { size } = ledger.store.head();
      expect(await ask(askTime(NOW + by))).toEqual(['unknown']);
      expect(ledger.store.head().size).toBe(size);
      expect(await ask(own)).toEqual([Math.max(NOW, NOW + by)]);
    },
  );

  test.each([HOUR, -HOUR])(
    'by %i ms: dates nothing, neither what a gate decided by the true time nor its own word, and knows what it has',
    async (by) => {
      const { ask, of } = await startAt();
      expect(await ask(of('before', NOW))).toEqual([NOW]);
      ledger.clock.nowMs = NOW + by;
      expect(await ask(of('a', NOW), own, of('before', NOW))).toEqual([
        'clock-differs',
        'clock-differs',
        NOW,
      ]);
      ledger.clock.nowMs = NOW + 5;
      expect(await ask(of('a', NOW + 5), own)).toEqual([NOW + 5, NOW + 5]);
    },
  );

  test('is believed as soon as a gate says the same time, and from then on for its own word as well', async () => {
    const { ask, of } = await startAt();
    ledger.clock.nowMs = NOW + HOUR;
    expect(await ask(own)).toEqual(['clock-differs']);
    const allowed = NOW + HOUR - LIMITS.skewMs;
    expect(await ask(of('a', allowed - 1), of('b', allowed), own)).toEqual([
      'clock-differs',
      NOW + HOUR,
      NOW + HOUR,
    ]);
  });
});

describe('a ledger that starts with a clock that is ahead', () => {
  const DAY = 86_400_000;
  const other = { dir: '', remove: () => undefined as unknown };
  const clock = { nowMs: NOW };
  const at = (id: string, decidedAtMs = clock.nowMs) => record(id, { decidedAtMs });
  let own: Signer;
  let started: LedgerUnderTest;
  const start = async (change: object = {}) => {
    const watch = watchClock(
      () => clock.nowMs,
      LIMITS.skewMs,
      () => 0,
    );
    watch.tell(clock.nowMs);
    started = await startLedger(other.dir, own, clock, { clock: confirmClock(watch), ...change });
  };
  beforeEach(async () => {
    Object.assign(other, tempDir());
    own = await createSigner(await generateKey('Ed25519'));
    clock.nowMs = NOW;
    await start();
    await adoptAgain(started);
    await started.append(at('a'));
  });
  afterEach(async () => {
    await started.ledger.stop();
    other.remove();
  });

  test('erases nothing before a gate says the same time', async () => {
    await started.ledger.stop();
    clock.nowMs += 365 * DAY;
    await start();
    const isErasedNow = async () => {
      await started.ledger.turn();
      return (await started.append(at('a')))[0]?.refusal === 'erased';
    };
    expect(await isErasedNow()).toBe(false);
    await started.append(at('b'));
    expect(await isErasedNow()).toBe(true);
  });

  test('ends no log before its time: until a gate says the same it dates nothing, and says what it has', async () => {
    await started.ledger.stop();
    orderNext(other.dir);
    clock.nowMs = NEW_YEAR + DAY;
    await start({ retentionDays: 61 });
    await started.ledger.turn();
    expect(await started.outcomes(at('b', NOW), at('a', NOW))).toEqual(['clock-differs', '2025 3']);
    await expect(started.ledger.noteRead('auditor.de', 0)).rejects.toThrow('does not say yet');
    expect(started.alarms).toEqual([]);
    clock.nowMs = NOW + DAY;
    expect(await started.outcomes(at('b'))).toEqual(['2025 4']);
    await started.ledger.turn();
    expect(endRecord(other.dir, 'last').event).toBe('setting');
    expect(await started.outcomes(at('c'))).toEqual(['2025 6']);
  });

  test('whose time has come in truth goes on with the first that a gate says: none of the new year stands in the old log', async () => {
    await started.ledger.stop();
    orderNext(other.dir);
    clock.nowMs = NEW_YEAR + DAY;
    await start();
    expect(await started.outcomes(at('b'))).toEqual(['adoption-stale']);
    await adoptAgain(started);
    expect(await started.outcomes(at('b'), at('a'))).toEqual(['2026 3', '2025 3']);
    expect(endRecord(other.dir, 'last').event).toBe('log-closed');
  });

  test('or when a gate asks for the time, where nobody sends anything', async () => {
    await started.ledger.stop();
    orderNext(other.dir);
    clock.nowMs = NEW_YEAR + DAY;
    await start();
    await started.ask(wire.appendRequest.encode({ askedAtMs: clock.nowMs }));
    expect(endRecord(other.dir, 'last').event).toBe('log-closed');
  });
});
