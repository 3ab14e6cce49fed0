import { Worker } from 'node:worker_threads';
import { createSlots, placeClaims, SLOTS } from './claim-slots.js';
import type { SignatureClaim } from './signature-holds.js';

/** A core that verifies signatures and does nothing else. */
export interface SignatureThread {
  /** Calls that it could take. */
  readonly free: () => number;
  /**
   * @returns for each claim whether it holds, in their order; undefined if it cannot take them now, or they are too long
   * @throws why the thread ended
   */
  readonly verify: (claims: readonly SignatureClaim[]) => Promise<readonly boolean[]> | undefined;
  readonly close: () => Promise<unknown>;
}

/** Calls that wait at a thread: it is never idle. */
export const MOST_WAITING = SLOTS;

interface Call {
  readonly slot: number;
  readonly resolve: (holds: readonly boolean[]) => void;
  readonly reject: (why: Error) => void;
}

export function startThread(): SignatureThread {
  const memory = createSlots();
  const worker = new Worker(new URL('./signature-worker.js', import.meta.url), { workerData: memory });
  const calls: Call[] = [];
  let slots: number[] = [];
  let failure: Error | undefined;
  worker.once('online', () => {
    slots = Array.from({ length: SLOTS }, (_, slot) => slot);
  });
  worker.on('message', (holds: readonly boolean[]) => {
    const call = calls.shift();
    if (!call) return;
    slots.push(call.slot);
    call.resolve(holds);
  });
  worker.on('error', (error) => {
    failure = error;
    for (const { reject } of calls.splice(0)) reject(error);
  });
  return {
    free: () => slots.length,
    verify: (claims) => {
      if (failure) return Promise.reject(failure);
      const slot = slots.at(-1);
      const placed = slot === undefined ? undefined : placeClaims(memory, slot, claims);
      if (!placed) return undefined;
      slots.pop();
      worker.postMessage(placed);
      return new Promise((resolve, reject) => calls.push({ slot: placed.slot, resolve, reject }));
    },
    close: () => worker.terminate(),
  };
}
