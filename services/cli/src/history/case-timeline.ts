import type { wire } from '@entente/contract';
import { faultsOfLogs, type NationFault } from './faults-of-logs.js';
import { headerIn } from './header-in.js';
import { hex } from './hex.js';
import { type LogSource, originOf } from './log-source.js';
import { mergeLogs } from './merge-logs.js';
import type { LoggedEntry, OnProgress } from './read-log.js';
import { saidBy } from './story.js';
import { isAdoption } from './take-adoptions.js';
import { createWaitingHolds, type WaitingHold } from './waiting-holds.js';

/** One thing that a log knows of a case. */
export interface CaseEntry {
  readonly nation: string;
  /** The log that has it: a nation has one for each year. */
  readonly origin: string;
  readonly index: number;
  readonly at: string;
  readonly event: string;
  readonly stage: string;
  readonly from: string;
  readonly to: string;
  readonly id: string;
  readonly decision: string;
  readonly rules: readonly string[];
  /** A statement's word, or an update's with its counts: what is said about a message of the case; of a referral what it asks. */
  readonly says: string;
  /** Who says it: a pseudonym of its member, `system` or `unnamed`; empty in what is older than names. */
  readonly actor: string;
  /** To why it was sent or said, which an inspection opens: hex of 32 bytes; empty where nobody has given a justification. */
  readonly justificationCommitment: string;
  /** Evidence whose one seal speaks of other cases as well. */
  readonly isShared: boolean;
}

/** What was settled about a case in how a log is kept: a legal hold. No message, and never erased. */
export interface CaseSetting {
  readonly nation: string;
  readonly origin: string;
  readonly index: number;
  readonly at: string;
  /** `legal-hold`. */
  readonly subject: string;
  /** Else it ends. */
  readonly begins: boolean;
  readonly proposedBy: string;
  readonly approvedBy: readonly string[];
}

export interface CaseTimeline {
  readonly entries: readonly CaseEntry[];
  readonly settings: readonly CaseSetting[];
  /** Messages of it that a gate holds now, as far as these logs show. */
  readonly holds: readonly WaitingHold[];
  /** What is wrong with the logs, so that an entry may be missing. */
  readonly faults: readonly NationFault[];
}

/** Everything that these logs know of one case, in the order of time. Facts only: what was said is not in any log. */
export async function readCase(
  sources: readonly LogSource[],
  caseId: string,
  onProgress?: OnProgress,
): Promise<CaseTimeline> {
  const entries: CaseEntry[] = [];
  const settings: CaseSetting[] = [];
  const messages = new Set<string>();
  const holds = createWaitingHolds();
  const visit = (source: LogSource, entry: LoggedEntry) => {
    const { index, leaf, record } = entry;
    if (!record || isAdoption(record)) return;
    const place = { nation: source.nation, origin: originOf(source), index };
    const at = new Date(leaf.timeMs).toISOString();
    if (record.administration) settings.push(...settingsOf(record.administration, caseId, { ...place, at }));
    const header = headerIn(record);
    if (!header || !belongs(header, caseId, messages)) return;
    messages.add(hex(record.messageHash));
    holds.visit(source.nation, entry, header);
    entries.push({
      ...{ ...place, at },
      ...{ event: record.event, stage: record.stage, from: header.from, to: header.to, id: header.id },
      decision: record.verdict?.decision ?? '',
      rules: record.verdict?.rules.map(({ id, basis }) => `${id} [${basis}]`) ?? [],
      says: header.statement ? saidBy(header.statement) : saysOf(header.facts),
      actor: header.actor,
      justificationCommitment: hex(header.justificationCommitment),
      isShared: header.statement?.about.some(({ messageHash }) => !messages.has(hex(messageHash))) ?? false,
    });
  };
  const read = await mergeLogs(sources, visit, onProgress);
  return { entries, settings, holds: holds.at(Date.now()), faults: faultsOfLogs(sources, read) };
}

function settingsOf(
  { subject, added, removed, proposedBy, approvedBy }: wire.AdministrationFrame,
  caseId: string,
  place: Pick<CaseSetting, 'nation' | 'origin' | 'index' | 'at'>,
): CaseSetting[] {
  const said = [...(removed.includes(caseId) ? [false] : []), ...(added.includes(caseId) ? [true] : [])];
  return said.map((begins) => ({ ...place, subject, begins, proposedBy, approvedBy }));
}

function saysOf(facts: wire.HeaderFrame['facts']): string {
  if (!facts) return '';
  const { update, action, results, checks } = facts;
  const counts = [...results, ...checks].map(({ word, count }) => `${count} ${word}`).join(', ');
  return update === '' ? `asks to ${action}` : [update, counts].filter(Boolean).join(', ');
}

/** Of the case by its own word, or because it is about a message of the case. */
function belongs(header: wire.HeaderFrame, caseId: string, messages: ReadonlySet<string>): boolean {
  if (header.caseId === caseId) return true;
  return header.statement?.about.some(({ messageHash }) => messages.has(hex(messageHash))) ?? false;
}
