import { adoptIfNew } from './adopt.js';
import { perGate } from './per-gate.js';
import type { GateDeps } from './state.js';

const EVERY_MS = 100;

/**
 * Looks at the directory now, and not when its turn comes; a new one is adopted before anything is judged under it. Whoever can send
 * anything can ask for that: there are ten looks a second at most, one at a time, whoever asks.
 * @returns 0 if it was looked at since this was asked; else in how many milliseconds it can be
 * @throws as `append`: the new directory is there, and adopted after another look
 */
export const lookAgain = perGate((gate: GateDeps) => {
  let begunMs = Number.NEGATIVE_INFINITY;
  let looking = Promise.resolve();
  return async (): Promise<number> => {
    const leftMs = begunMs + (gate.lookEveryMs ?? EVERY_MS) - performance.now();
    if (leftMs <= 0) {
      begunMs = performance.now();
      looking = look(gate);
    }
    // What is found by a look that began before may be enough.
    await looking;
    return leftMs <= 0 ? 0 : Math.ceil(leftMs);
  };
});

async function look(gate: GateDeps): Promise<void> {
  await gate.refreshDirectory();
  await adoptIfNew(gate);
}
