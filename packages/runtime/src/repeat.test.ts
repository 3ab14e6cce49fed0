import { setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { MORE, repeat } from './repeat.js';

/** Resolves once something has been called so many times. */
function counter(times: number) {
  let count = 0;
  let reached = () => {};
  const done = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const call = () => {
    count += 1;
    if (count === times) reached();
  };
  return { call, done, count: () => count };
}

const never = (error: unknown) => {
  throw error;
};

/** What is due within a millisecond has begun when another one, which began later, has had its turns. */
async function turnsOfAnother(count: number): Promise<void> {
  const turns = counter(count);
  const stop = repeat(1, async () => turns.call(), never);
  await turns.done;
  await stop();
}

test('does it again and again, and never twice at once', async () => {
  let running = 0;
  let most = 0;
  const turns = counter(5);
  const stop = repeat(
    1,
    async () => {
      running += 1;
      most = Math.max(most, running);
      await delay(10);
      running -= 1;
      turns.call();
    },
    never,
  );
  await turns.done;
  await stop();
  expect(most).toBe(1);
});

test.each<[string, () => Promise<void>]>([
  ['rejects', () => Promise.reject(new Error('fault'))],
  [
    'throws before it gives a promise',
    () => {
      throw new Error('fault');
    },
  ],
])('survives work that %s, and tells of each fault', async (_what, work) => {
  const faults = counter(3);
  const stop = repeat(1, work, faults.call);
  await faults.done;
  await stop();
  expect(faults.count()).toBe(3);
});

test('does not begin before its time', async () => {
  const turns = counter(1);
  const stop = repeat(3_600_000, async () => turns.call(), never);
  await turnsOfAnother(3);
  await stop();
  expect(turns.count()).toBe(0);
});

test('waits for the turn under way when it is stopped, and begins no other', async () => {
  const turns = counter(1);
  let end = () => {};
  const isEnded = new Promise<void>((resolve) => {
    end = resolve;
  });
  const work = async () => {
    turns.call();
    await isEnded;
  };
  const stop = repeat(1, work, never);
  await turns.done;
  let hasStopped = false;
  const stopped = stop().then(() => {
    hasStopped = true;
  });
  await turnsOfAnother(3);
  expect(hasStopped).toBe(false);
  end();
  await stopped;
  await turnsOfAnother(3);
  expect(turns.count()).toBe(1);
  await stop();
});

test('does not wait until its time while there is more to do', async () => {
  vi.useFakeTimers();
  try {
    let turns = 0;
    const stop = repeat(3_600_000, async () => (++turns < 40 ? MORE : undefined), never);
    await vi.advanceTimersByTimeAsync(3_600_000 + 1000);
    expect(turns).toBe(40);
    await stop();
  } finally {
    vi.useRealTimers();
  }
});
