import { setTimeout as delay } from 'node:timers/promises';

/** Asks again until the answer is there. A test that waits in vain fails with what it waited for. */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  withinMs = 60_000,
): Promise<T> {
  const until = Date.now() + withinMs;
  for (let tries = 0; ; tries++) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > until) throw new Error(`waited ${withinMs / 1000} s in vain for ${what}`);
    await delay(Math.min(100, 10 * 2 ** tries));
  }
}
