import type { LogSource } from '@entente/cli';

/**
 * A log of signed messages as a ledger writes it, in a new home below `dir`. The messages repeat after a while; each entry is one.
 * @param options.crossings every second message is a referral with the verdict that its pack gives; else all are evidence
 * @returns the log of the home's first nation
 */
export function buildLog(
  dir: string,
  size: number,
  options?: { readonly crossings?: boolean; readonly distinct?: number },
): Promise<LogSource & { readonly anchors: string }>;
