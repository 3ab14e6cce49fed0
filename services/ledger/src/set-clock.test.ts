import { LIMITS, wire } from '@entente/contract';
import { watchClock } from '@entente/runtime';
import { createSigner, generateKey } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appendBatch } from './append-batch.js';
import { confirmClock } from './confirm-clock.js';
import { startLedger } from './fixture/test-ledger.js';
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

test('a ledger that starts with a clock that is ahead erases nothing before a gate says the same time', async () => {
  const other = tempDir();
  const clock = { nowMs: NOW };
  const own = await createSigner(await generateKey('Ed25519'));
  const start = async () => {
    const watch = watchClock(
      () => clock.nowMs,
      LIMITS.skewMs,
      () => 0,
    );
    watch.tell(clock.nowMs);
    return await startLedger(other.dir, own, clock, { clock: confirmClock(watch) });
  };
  const at = (id: string) => record(id, { decidedAtMs: clock.nowMs });
  const before = await start();
  await before.append(...adoptions, at('a'));
  await before.ledger.stop();
  clock.nowMs += 365 * 86_400_000;
  const { ledger: started, append } = await start();
  const isErasedNow = async () => {
    await started.turn();
    return (await append(at('a')))[0]?.refusal === 'erased';
  };
  expect(await isErasedNow()).toBe(false);
  await append(at('b'));
  expect(await isErasedNow()).toBe(true);
  await started.stop();
  other.remove();
});
