import { BETWEEN_ROWS } from './between.js';
import { DATABASE_ROWS, WHOLE_DATABASE_ROWS } from './database.js';
import { ELSEWHERE } from './elsewhere.js';
import { BIT_ROWS } from './flip-bits.js';
import { HISTORY_ROWS } from './histories.js';
import { LIE_ROWS } from './lies.js';
import { FILE_ROWS } from './log-files.js';
import { MEMBER_ROWS } from './member-logs.js';
import type { Listed } from './row.js';

/** The table of `docs/tampering.md`, from which that is printed; the first ones are done to a log of 10,000 entries. */
export const ALL_ROWS = [
  ...Object.values(BIT_ROWS),
  ...FILE_ROWS,
  ...Object.values(HISTORY_ROWS),
  ...DATABASE_ROWS,
  ...WHOLE_DATABASE_ROWS,
  ...LIE_ROWS,
  ...Object.values(BETWEEN_ROWS),
  ...ELSEWHERE,
  ...MEMBER_ROWS,
];

type Unlisted = Exclude<Listed, (typeof ALL_ROWS)[number]['finds'][number]>;

/** Does not compile while something that is found has no row: the compiler names it. */
export const UNLISTED: [Unlisted] extends [never] ? 'none' : Unlisted = 'none';
