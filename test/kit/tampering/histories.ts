import type { Row } from './row.js';

/** A second history with valid signatures, for whoever holds a checkpoint of the first. */
export const HISTORY_ROWS = {
  forked: {
    change: 'a second history with valid signatures, and somebody who keeps a checkpoint of the first',
    finds: ['checkpoint-mismatch'],
    by: '`entente audit verify --seen`',
  },
  cutOff: {
    change: 'the end of a log cut off, its checkpoint signed anew, and somebody who keeps the one of before',
    finds: ['checkpoint-beyond'],
    by: '`entente audit verify --seen`',
  },
} as const satisfies Readonly<Record<string, Row>>;
