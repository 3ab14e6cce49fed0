import type { ClockWatch } from '@entente/runtime';

/**
 * A ledger that starts has nobody to ask, and believes its own clock: it was told what that says before it comes here. What it is told
 * from here on a gate has said; until then `wasTold` is false.
 */
export function confirmClock(clock: ClockWatch): ClockWatch {
  let wasTold = false;
  return Object.freeze({
    ...clock,
    tell: (theirMs: number): void => {
      wasTold = true;
      clock.tell(theirMs);
    },
    wasTold: () => wasTold,
  });
}
