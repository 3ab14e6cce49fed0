import type { wire } from '@entente/contract';
import { readSeal, type Sealed } from './open-seal.js';
import { type SignatureClaim, signatureHolds } from './signature-holds.js';
import { MOST_WAITING, type SignatureThread, startThread } from './signature-thread.js';
import type { FindKey } from './verify-compact.js';

export interface SealToOpen {
  readonly seal: Uint8Array;
  readonly findKey: FindKey;
  /** What `readUnverifiedHeader` gives for this seal, where that was asked already. */
  readonly header?: wire.HeaderFrame | undefined;
}

/**
 * Opens many seals together.
 * @returns for each, in their order, what it says; or why it is refused, as `openSeal` throws it
 * @throws what went wrong on another thread
 */
export type OpenSeals = (seals: readonly SealToOpen[]) => Promise<(Sealed | Error)[]>;

/** Signatures that the calling thread verifies alone: as much work as the start of a thread. */
const THREADS_AFTER = 512;

/**
 * For whoever has thousands of seals to open, and other work on its own thread: signatures are verified there and on as many further
 * threads; what these cannot take at once is done by the calling one. A call of some hundred seals keeps a thread busy for some ten milliseconds. Call `close` whatever happens.
 */
export function createSealOpener(furtherThreads: number, { threadsAfter = THREADS_AFTER } = {}) {
  let threads: SignatureThread[] = [];
  let asked = 0;

  const verify = (claims: readonly SignatureClaim[]): readonly boolean[] | Promise<readonly boolean[]> => {
    if (asked >= threadsAfter && threads.length < furtherThreads)
      threads = Array.from({ length: furtherThreads }, startThread);
    asked += claims.length;
    const [idlest] = [...threads].sort((a, b) => b.free() - a.free());
    return idlest?.verify(claims) ?? claims.map(signatureHolds);
  };

  const open: OpenSeals = async (seals) => {
    const read = seals.map(({ seal, findKey, header }) => attempt(() => readSeal(seal, findKey, header)));
    const claims = read.flatMap((one) => (one instanceof Error ? [] : [one.claim]));
    const holds = (await verify(claims)).values();
    // INVARIANT: one answer for each claim, in their order; where there is none, it does not hold.
    return read.map((one) =>
      one instanceof Error ? one : attempt(() => one.opened(holds.next().value === true)),
    );
  };
  return {
    open,
    /** So many calls at most wait for other threads. */
    mostWaiting: furtherThreads * MOST_WAITING,
    close: async (): Promise<void> => void (await Promise.all(threads.map((thread) => thread.close()))),
  };
}

function attempt<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return error as Error;
  }
}
