import { endOfYear } from '@entente/audit';
import { currentLog } from '../history/current-log.js';
import type { Report } from './finding.js';

/** Whether a ledger still writes on the log of a year that is over: it ends none by itself, and none can be deleted whole before it has ended. */
export function checkYear(
  { ORIGIN: first, DATA_DIR: dataDir }: Readonly<Record<string, string>>,
  nowMs: number,
  report: Report,
): void {
  if (first === undefined || dataDir === undefined) return;
  let origin: string;
  try {
    origin = currentLog(dataDir) ?? first;
  } catch {
    // There is none yet, or what reads the same file besides says what is wrong with it.
    return;
  }
  if (nowMs >= (endOfYear(origin) ?? Number.POSITIVE_INFINITY))
    report(
      'year of the log',
      'warning',
      `that of ${origin} is over: order the next with entente ledger succeed`,
    );
}
