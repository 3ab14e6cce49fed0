import type { Row } from './row.js';

/** What one nation's log lacks of what another's holds. */
export const BETWEEN_ROWS = {
  leftOut: {
    change: 'a message that left and never arrived: a delivery whose entry was left out',
    finds: ['never-arrived'],
    by: '`entente audit reconcile`',
  },
  slippedIn: {
    change: 'a delivery without an entry where it left',
    finds: ['arrived-without-leaving'],
    by: '`entente audit reconcile`',
  },
} as const satisfies Readonly<Record<string, Row>>;
