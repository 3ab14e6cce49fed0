import type { LogSource, NetworkHome } from '@entente/cli';
import type { Directory } from '@entente/members';

/**
 * A log of signed messages as a ledger writes it, in a new home below `dir`. The messages repeat after a while; each entry is one.
 * @param options.crossings every second message is a referral with the verdict that its pack gives; else all are evidence
 * @returns the log of the home's first nation
 */
export function buildLog(
  dir: string,
  size: number,
  options?: { readonly crossings?: boolean; readonly distinct?: number },
): Promise<BuiltSource>;

export type BuiltSource = LogSource & { readonly anchors: string };

/**
 * A home, what its first nation's gate has adopted, and the records that it would log: of two adoptions, and then of messages.
 * @param options.crossings so many-th messages are referrals, and the others evidence; 0: none
 */
export function makeNation(
  dir: string,
  options: { readonly crossings: number; readonly distinct: number },
): Promise<{
  readonly home: NetworkHome;
  readonly nation: NetworkHome['nations'][number];
  readonly directory: Directory;
  readonly source: BuiltSource;
  readonly recordAt: (index: number) => { readonly record: Uint8Array; readonly event: string };
  readonly nowMs: number;
}>;
