import { LIMITS } from '@entente/contract';

/** So much earlier may an arrival be logged than what it is of, by the clocks of two ledgers. */
export const CLOCKS_DIFFER_MS = 2 * LIMITS.skewMs;
