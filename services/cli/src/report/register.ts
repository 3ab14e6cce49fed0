import { faultsOfLogs, type NationFault } from '../history/faults-of-logs.js';
import type { LogSource } from '../history/log-source.js';
import { mergeLogs } from '../history/merge-logs.js';
import type { LoggedEntry, OnProgress } from '../history/read-log.js';
import type { Period } from './collect.js';
import { seenIn } from './seen.js';

/**
 * One transfer of personal data to another nation, as those have to keep it who answer for it: GDPR Art. 30(1)(e) and 49(6),
 * Directive (EU) 2016/680 (LED) Art. 37(3), 38(3) and 39(4): when, to whom, on which ground, which data.
 */
export interface Transfer {
  /** ISO time of the entry. */
  readonly at: string;
  /** Where it stands: nation of the log, and index. */
  readonly nation: string;
  readonly entry: number;
  readonly message: string;
  readonly case: string;
  readonly from: string;
  readonly fromRole: string;
  readonly to: string;
  readonly toRole: string;
  readonly toNation: string;
  readonly category: string;
  readonly action: string;
  readonly force: string;
  readonly purpose: string;
  /** What the sender names as its ground. */
  readonly legalBasis: readonly string[];
  readonly agreement: string;
  /** The rules that let it pass, each with its articles. */
  readonly rules: readonly string[];
  readonly dataClasses: readonly string[];
  readonly subjects: readonly string[];
  readonly retentionDays: number;
  /** Who acted, as a pseudonym that the sender can resolve. */
  readonly actor: string;
}

export const REGISTER_COLUMNS = [
  ...(['at', 'nation', 'entry', 'message', 'case', 'from', 'fromRole', 'to', 'toRole', 'toNation'] as const),
  ...(['category', 'action', 'force', 'purpose', 'legalBasis', 'agreement', 'rules'] as const),
  ...(['dataClasses', 'subjects', 'retentionDays', 'actor'] as const),
] as const satisfies readonly (keyof Transfer)[];

/** What the register leaves to those who hold the messages. */
export const NOT_IN_REGISTER = [
  'The data themselves, and the justification in words: both ends hold them, and prove with `entente evidence export` that they are the ones logged.',
  'Transfers whose record was erased when its time was over: the log says that there was an entry, and when.',
] as const;

/**
 * Calls `visit` with each message that was let leave for another nation, in the order of time. Keeps none of them.
 * @returns what is wrong with the logs, so that a transfer may be missing
 */
export async function readRegister(
  sources: readonly LogSource[],
  { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY }: Period,
  visit: (transfer: Transfer) => void,
  onProgress?: OnProgress,
): Promise<NationFault[]> {
  const take = ({ nation }: LogSource, entry: LoggedEntry) => {
    const seen = seenIn(nation, entry, () => true);
    if (!seen || seen.atMs < fromMs || seen.atMs >= toMs) return;
    const { record, header, way, index, atMs } = seen;
    const { facts } = header;
    const { event, stage, verdict } = record;
    if (event !== 'crossing' || stage !== 'leave' || verdict?.decision !== 'permit' || !facts) return;
    visit({
      ...{ at: new Date(atMs).toISOString(), nation, entry: index, message: header.id, case: header.caseId },
      ...{ from: header.from, fromRole: header.fromRole, to: header.to, toRole: header.toRole },
      toNation: way.slice(way.lastIndexOf(' ') + 1),
      ...{ category: facts.category, action: facts.action, force: facts.force, purpose: facts.purpose },
      ...{ legalBasis: facts.legalBasis, agreement: facts.agreement },
      rules: verdict.rules.map(({ id, basis }) => `${id} [${basis}]`),
      ...{ dataClasses: facts.dataClasses, subjects: facts.subjects, retentionDays: facts.retentionDays },
      actor: header.actor,
    });
  };
  const read = await mergeLogs(sources, take, onProgress);
  return faultsOfLogs(sources, read);
}
