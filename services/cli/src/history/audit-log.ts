import { UsageError } from '../usage.js';
import { createSealChecker } from './check-seals.js';
import { checkSuccession, type LogEnds } from './check-succession.js';
import type { LogSource } from './log-source.js';
import { type LogFault, type LoggedEntry, type OnProgress, type ReadLog, readLog } from './read-log.js';
import { createReplayer, type Decided } from './replay.js';

export interface Audit extends ReadLog {
  readonly nation: string;
  /** Signatures that hold. */
  readonly seals: number;
  /** Null: the rules were not asked again. */
  readonly decided: Omit<Decided, 'faults'> | null;
}

/**
 * Checks a whole log in one pass: files, hashes and checkpoint; each record against its leaf; the signature of every seal; and,
 * where asked, each verdict under the pack of that day.
 * @throws UsageError without trust anchors; Error if there is no log, or its checkpoint is not of this key
 */
export async function auditLog(
  source: LogSource,
  { verdicts }: { readonly verdicts: boolean },
  onProgress?: OnProgress,
): Promise<Audit> {
  if (source.anchors === null) throw new UsageError('Name the trust anchors with --anchors.');
  const checker = createSealChecker({ archive: source.archive, anchors: source.anchors });
  const replayer = verdicts ? createReplayer(source) : undefined;
  let ends: LogEnds = { first: null, last: null, size: 0 };
  const visit = (entry: LoggedEntry) => {
    const { index, record } = entry;
    ends = { first: index === 0 ? record : ends.first, last: record, size: index + 1 };
    replayer?.visit(entry);
    return checker.visit(entry);
  };
  try {
    const read = await readLog(source, visit, onProgress);
    const { seals, faults } = await checker.result();
    const { faults: differing = [], ...decided } = replayer?.result() ?? {};
    return {
      ...read,
      nation: source.nation,
      seals,
      decided: replayer ? (decided as Audit['decided']) : null,
      faults: inOrder([...read.faults, ...faults, ...differing, ...checkSuccession(source, ends)]),
    };
  } finally {
    await checker.close();
  }
}

/** Those of files first, then by entry. */
function inOrder(faults: readonly LogFault[]): LogFault[] {
  return [...faults].sort((a, b) => (a.index ?? -1) - (b.index ?? -1));
}
