import { createLogger, createMetrics } from '@entente/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openTwoNations, type TwoNations } from './fixture/two-nations.js';
import { createMonitor } from './monitor.js';

let two: TwoNations;
beforeEach(async () => {
  two = await openTwoNations();
});
afterEach(async () => await two.close());

// The attacker is a ledger, or who stands before it: it holds on to every question for its records.
test('a ledger that answers no question for its records keeps no other log from being read to its end', async () => {
  const SIZE = 2000;
  for (let n = 0; n < SIZE; n += 1) two.crosses(`m${n}`);
  for (const { log, entries } of [two.de, two.fr])
    await log.show(
      'a',
      entries.map(({ leaf }) => leaf),
    );
  two.de.hangs = true;
  const logger = createLogger('monitor', 'test');
  logger.level = 'silent';
  const monitor = createMonitor({
    ...{ nation: undefined, logs: [two.de.followed, two.fr.followed], store: two.bell.store },
    ...{ witnesses: () => [], stamping: undefined, silenceMs: two.bell.silenceMs, relayMs: two.bell.relayMs },
    ...{ metrics: createMetrics(), logger, now: () => two.nowMs },
  });
  await monitor.start();
  const readTo = (nation: TwoNations['de']) => two.bell.store.crossings.progress(nation.followed.origin).size;
  await vi.waitFor(() => expect(two.de.unanswered.length).toBeGreaterThan(0), 30_000);
  const [first] = two.de.unanswered;
  await vi.waitFor(() => expect(readTo(two.fr)).toBe(SIZE), { timeout: 30_000, interval: 10 });
  // All that while the first question waits.
  expect([first?.closed, readTo(two.de)]).toEqual([false, 0]);
  two.de.server.closeAllConnections();
  await monitor.stop();
});
