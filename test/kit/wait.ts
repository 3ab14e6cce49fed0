import { setTimeout as delay } from 'node:timers/promises';

/** Asks again until the answer is there, the last time when the time is over. A test that waits in vain fails with what it waited for. */
export async function waitFor<T>(
  what: string | (() => string),
  ask: () => Promise<T | undefined>,
  withinMs = 60_000,
): Promise<T> {
  const until = Date.now() + withinMs;
  for (let tries = 0; ; tries++) {
    // Before it is asked: the machine may have stood still since the last time.
    const isOver = Date.now() > until;
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (isOver)
      throw new Error(`waited ${withinMs / 1000} s in vain for ${typeof what === 'string' ? what : what()}`);
    await delay(Math.min(100, 10 * 2 ** tries));
  }
}
