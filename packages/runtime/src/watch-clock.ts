import { NotNow } from './error.js';

/** This clock and another's differ by more than is allowed: who is wrong is not known, and nothing that names a time may be done. */
export class ClockDiffers extends NotNow {
  override readonly name = 'ClockDiffers';
}

export interface ClockWatch {
  /** What another's clock says at this moment, in milliseconds since 1970. */
  readonly tell: (theirMs: number) => void;
  /** @throws ClockDiffers */
  readonly check: () => void;
  /** Also while nothing was told. */
  readonly agrees: () => boolean;
  /** Whether anything was told since the start. */
  readonly wasTold: () => boolean;
  /** Whether it is time to ask the other again. */
  readonly isDue: () => boolean;
}

/** Two clocks that are not set drift apart by some milliseconds in this time. */
const ASK_AGAIN_MS = 60_000;

/**
 * Compares the clock of a service with another's. What was told goes on by the monotonic clock, which nobody can set: a clock that is
 * set while the service runs differs from then on, and not only when the other is asked the next time.
 *
 * @param steadyMs the monotonic clock
 */
export function watchClock(
  now: () => number,
  skewMs: number,
  steadyMs: () => number = () => performance.now(),
): ClockWatch {
  let told: { readonly theirMs: number; readonly atMs: number } | undefined;
  const aheadMs = () => (told ? now() - (told.theirMs + steadyMs() - told.atMs) : 0);
  const agrees = () => Math.abs(aheadMs()) <= skewMs;
  return Object.freeze({
    tell: (theirMs: number): void => {
      told = { theirMs, atMs: steadyMs() };
    },
    check: (): void => {
      if (!agrees())
        throw new ClockDiffers(`this clock is ahead of the other by ${Math.round(aheadMs())} ms`);
    },
    agrees,
    wasTold: () => told !== undefined,
    isDue: () => told === undefined || !agrees() || steadyMs() - told.atMs >= ASK_AGAIN_MS,
  });
}
