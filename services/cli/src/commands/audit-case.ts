import { SYSTEM } from '@entente/contract';
import { type CaseEntry, type CaseSetting, readCase } from '../history/case-timeline.js';
import { faultWords } from '../history/faults-of-logs.js';
import { chooseLogs, type LogChoice } from '../history/log-source.js';
import { showProgressOf } from '../history/progress.js';
import { heldWords } from '../history/waiting-holds.js';
import { print } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { checkCaseId } from './options.js';

/** What the logs know of one case, in the order of time. */
export async function runCase(
  caseId: string,
  options: LogChoice & { readonly json?: boolean },
): Promise<void> {
  checkCaseId(caseId);
  const sources = chooseLogs(options);
  const { entries, settings, holds, faults } = await readCase(sources, caseId, showProgressOf(sources));
  const known = entries.length + settings.length;
  if (options.json || known + faults.length > 0)
    print(options, { case: caseId, entries, settings, holds, faults }, () => [
      ...timelineWords(entries, settings),
      ...holds.map(heldWords),
      ...faults.map(faultWords),
    ]);
  if (faults.length > 0) throw new AnswerIsNo();
  if (known === 0)
    throw new UsageError(
      `No entry of these logs is of the case ${caseId}. Is it the id of a message? "entente explain" tells of one.`,
    );
}

function timelineWords(entries: readonly CaseEntry[], settings: readonly CaseSetting[]): string[] {
  const told = [
    ...entries.map((entry) => ({ at: entry.at, lines: caseWords(entry) })),
    ...settings.map((setting) => ({ at: setting.at, lines: [settingWords(setting)] })),
  ];
  return told.sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at))).flatMap(({ lines }) => lines);
}

function settingWords({ at, nation, index, subject, begins, proposedBy, approvedBy }: CaseSetting): string {
  const who = `proposed by ${proposedBy || 'nobody named'}, approved by ${approvedBy.join(', ') || 'nobody named'}`;
  return `${at}  ${nation} ${index}  ${subject} ${begins ? 'begins' : 'ends'}, ${who}`;
}

function caseWords({
  at,
  nation,
  index,
  event,
  stage,
  from,
  to,
  says,
  decision,
  rules,
  actor,
  justificationCommitment: why,
}: CaseEntry): string[] {
  return [
    `${at}  ${nation} ${index}  ${event}${stage ? ` (${stage})` : ''}  ${from} → ${to}  ${says ? `${says}: ` : ''}${decision}`,
    // What a program says by itself has no reason of a person's.
    ...(actor === SYSTEM ? [] : [`    by ${actor || 'nobody named'}, ${justifiedWords(why)}`]),
    ...rules.map((rule) => `    ${rule}`),
  ];
}

function justifiedWords(commitment: string): string {
  return commitment === '' ? 'without a justification' : `justified (commitment ${commitment.slice(0, 16)}…)`;
}
