import type { ClockWatch } from '@entente/runtime';

export interface ConfirmedClock extends ClockWatch {
  /** Whether a gate has said the same time since the start. */
  readonly isConfirmed: () => boolean;
}

/** A ledger that starts has nobody to ask, and believes its own clock; so it was told what this says before it comes here. */
export function confirmClock(clock: ClockWatch): ConfirmedClock {
  let isConfirmed = false;
  return Object.freeze({
    ...clock,
    tell: (theirMs: number): void => {
      isConfirmed = true;
      clock.tell(theirMs);
    },
    isConfirmed: () => isConfirmed,
  });
}
