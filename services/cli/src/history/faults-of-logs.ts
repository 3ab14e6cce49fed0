import type { FindingCode } from './finding-code.js';
import type { LogSource } from './log-source.js';
import type { LogFault, ReadLog } from './read-log.js';
import type { Disagreement } from './reconcile.js';

/** What is wrong with one of several logs. */
export interface NationFault extends LogFault {
  readonly nation: string;
}

/** @param read of the logs, in their order */
export function faultsOfLogs(sources: readonly LogSource[], read: readonly ReadLog[]): NationFault[] {
  return read.flatMap(({ faults }, i) =>
    faults.map((fault) => ({ nation: sources[i]?.nation ?? '', ...fault })),
  );
}

/** Of one log, or of one of several. */
export function faultWords({
  nation,
  index,
  code,
  detail,
  saidBy,
}: Omit<LogFault, 'code'> & {
  readonly nation?: string;
  readonly code: FindingCode | Disagreement['code'];
}): string {
  const whose = saidBy === undefined ? 'FAULT' : `MEMBER ${saidBy}`;
  return `${whose} ${nation ? `${nation} ` : ''}${index === null ? '' : `entry ${index} `}${code}: ${detail}`;
}
