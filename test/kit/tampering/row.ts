import type { FaultCode } from '@entente/audit';
import type { AccessFinding, Disagreement, FindingCode, LogFinding } from '@entente/cli';
import type { AlarmKind } from '@entente/monitor';

/** What is found: each is a word of the code that finds it, so that neither can change alone. */
export type Finding =
  | FindingCode
  | Disagreement['code']
  | AlarmKind
  | AccessFinding['code']
  // What an edge finds in its own database stands in its log of accesses, in words.
  | 'found in the database'
  | 'changed in the database';

/** A class of changes that somebody could make to a log, a record or a message. */
export interface Row {
  /** As it stands in the docs. */
  readonly change: string;
  readonly finds: readonly Finding[];
  /** Who finds it, as it stands in the docs. */
  readonly by: string;
  /** Where it is made and looked for, if not in `test/flow/tampering.test.ts`. */
  readonly test?: string;
}

/** What has to have a row. What this machine could not do about a seal is no change that somebody made. */
export type Listed =
  | Exclude<LogFinding, 'seal-unreadable'>
  | FaultCode
  | AlarmKind
  | Disagreement['code']
  | AccessFinding['code'];

export const OWN_TEST = 'test/flow/tampering.test.ts';

/** The table of `docs/tampering.md`. */
export function printRows(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ change, finds, by, test = OWN_TEST }) =>
      `| ${change} | ${finds.map((code) => `\`${code}\``).join(', ')} | ${by} | \`${test}\` |`,
  );
  return ['| Change | Finding | Who finds it | Test |', '| --- | --- | --- | --- |', ...lines, ''].join('\n');
}
