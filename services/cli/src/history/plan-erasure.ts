import { heldInFolder } from '../network/hold-in-folder.js';
import { isAboutMessage } from './about-message.js';
import { headerIn } from './header-in.js';
import { hex } from './hex.js';
import type { Retained } from './log-settings.js';
import { type LogSource, originOf } from './log-source.js';
import { type LogFault, type LoggedEntry, type OnProgress, readLog } from './read-log.js';

export interface ErasurePlan {
  readonly nation: string;
  readonly origin: string;
  /** What it is reckoned with. */
  readonly days: number;
  readonly logDays: number;
  /** By the month (YYYY-MM, UTC) in which their time is over. */
  readonly months: readonly { readonly month: string; readonly entries: number }[];
  /** Entries of cases under legal hold: they stay, and the whole log with them. */
  readonly held: number;
  /** By an entry that says why. */
  readonly erased: number;
  /** The day (YYYY-MM-DD) after which the whole log goes, but for its last checkpoint and the counts; null: nothing has followed it. */
  readonly goesWhole: string | null;
  /** What is wrong with the log. */
  readonly faults: readonly LogFault[];
}

const DAY_MS = 86_400_000;

/**
 * What will go from a log, and when, if its ledger keeps records, and logs that have ended, for so many days.
 * @param said the cases under legal hold by what its nation's log says; in the folder of a ledger stands what it goes by
 */
export async function planErasure(
  source: LogSource,
  { days, logDays }: Retained,
  said: ReadonlySet<string>,
  onProgress?: OnProgress,
): Promise<ErasurePlan> {
  const holds = readHolds(source) ?? said;
  const heldMessages = new Set<string>();
  const months = new Map<string, number>();
  let [held, lastMs] = [0, 0];
  const visit = ({ leaf, record }: LoggedEntry) => {
    lastMs = leaf.timeMs;
    if (!record || !isAboutMessage(record)) return;
    // What cannot be read is of no case, and goes with its time.
    const { caseId = '', statement = null } = headerIn(record) ?? {};
    const isAboutHeld = statement?.about.some(({ messageHash }) => heldMessages.has(hex(messageHash)));
    if (holds.has(caseId) || isAboutHeld) {
      heldMessages.add(hex(record.messageHash));
      held += 1;
      return;
    }
    const month = new Date(leaf.timeMs + days * DAY_MS).toISOString().slice(0, 7);
    months.set(month, (months.get(month) ?? 0) + 1);
  };
  const { reasons, faults } = await readLog(source, visit, { onProgress });
  const rows = [...months].map(([month, entries]) => ({ month, entries }));
  return {
    ...{ nation: source.nation, origin: originOf(source), days, logDays },
    months: rows.sort((a, b) => (a.month < b.month ? -1 : 1)),
    ...{ held, erased: reasons.reduce((sum, { entries }) => sum + entries, 0), faults },
    goesWhole: hasEnded(source) ? new Date(lastMs + logDays * DAY_MS).toISOString().slice(0, 10) : null,
  };
}

function hasEnded(source: LogSource): boolean {
  return source.logs !== undefined && source.logs.at(-1)?.origin !== originOf(source);
}

/** Undefined: this is not the folder of its ledger, which goes by what stands there. */
function readHolds({ dataDir }: LogSource): ReadonlySet<string> | undefined {
  return dataDir === undefined ? undefined : new Set(heldInFolder(dataDir));
}
