import {
  type AuditCode,
  type Checkpoint,
  KEPT_CHECKPOINTS,
  type LogFiles,
  MAX_KEPT_BYTES,
  type NoteKey,
  openCheckpoint,
  proveContinues,
  splitNotes,
} from '@entente/audit';
import type { FindingCode } from './finding-code.js';
import type { LogFault } from './read-log.js';

interface OpenedLog {
  readonly files: LogFiles;
  readonly key: NoteKey;
  readonly origin: string;
}

/** One a day for half a century. */
const MOST_CHECKPOINTS = 20_000;

export type Gathered = Awaited<ReturnType<typeof gatherCheckpoints>>;

/**
 * Gathers the earlier checkpoints of a log: those that it keeps beside its tiles, and those that others have seen. Each must have
 * been signed by the log's key; what the log shows beside its tiles may be anything.
 */
export async function gatherCheckpoints({ files, key, origin }: OpenedLog, seen: readonly string[]) {
  const faults: LogFault[] = [];
  const checkpoints: Checkpoint[] = [];
  const report = (code: FindingCode, detail: string) => void faults.push({ index: null, code, detail });
  for (const note of [...(await readKept(files, report)), ...seen]) {
    try {
      checkpoints.push(openCheckpoint(note, key, origin));
    } catch (error) {
      const { code = 'note-malformed', message } = error as {
        readonly code?: AuditCode;
        readonly message: string;
      };
      report(code, `an earlier checkpoint: ${message}`);
    }
  }
  const sizes = [...new Set(checkpoints.map(({ size }) => size))]
    .filter((size) => size > 0)
    .sort((a, b) => a - b);
  const roots = new Map<number, Uint8Array>();
  return {
    ...{ faults, checkpoints, sizes, roots },
    /** The roots that the entries give. */
    take: (given: ReadonlyMap<number, Uint8Array>): void => {
      for (const [size, root] of given) roots.set(size, root);
    },
  };
}

/** INVARIANT: a log only grows. Each earlier checkpoint is the root of as many entries of the log of now. */
export async function checkCheckpoints(
  { files }: OpenedLog,
  { faults, checkpoints, roots }: Gathered,
  now: Checkpoint,
): Promise<{ readonly checked: number; readonly faults: readonly LogFault[] }> {
  const found = [...faults];
  const report = (code: FindingCode, detail: string) => void found.push({ index: null, code, detail });
  const read = async (path: string, most: number) => {
    const bytes = await files.read(path, most);
    return typeof bytes === 'string' ? undefined : bytes;
  };
  for (const earlier of checkpoints) {
    const { size, root } = earlier;
    const given = roots.get(size);
    if (size > now.size) report('checkpoint-beyond', `it has signed ${size} entries, and shows ${now.size}`);
    else if (given && Buffer.compare(given, root) !== 0)
      report('checkpoint-mismatch', `it has signed another root for its first ${size} entries`);
    else if (!given && size > 0) await proveEarlier(read, earlier, now, report);
  }
  return { checked: checkpoints.length, faults: found };
}

/** Of entries that an earlier run has read: the tiles prove it. */
async function proveEarlier(
  read: Parameters<typeof proveContinues>[0],
  earlier: Checkpoint,
  now: Checkpoint,
  report: (code: FindingCode, detail: string) => void,
): Promise<void> {
  try {
    await proveContinues(read, earlier, now);
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === undefined) throw error;
    report(
      'checkpoint-mismatch',
      `its first ${earlier.size} entries cannot be proved to be those of then (${code})`,
    );
  }
}

async function readKept(
  files: LogFiles,
  report: (code: FindingCode, detail: string) => void,
): Promise<readonly string[]> {
  const bytes = await files.read(KEPT_CHECKPOINTS, MAX_KEPT_BYTES);
  if (bytes === 'missing') return [];
  try {
    if (bytes === 'malformed') throw new Error('it is too long, or no file');
    const notes = splitNotes(bytes.toString('utf8'));
    if (notes.length > MOST_CHECKPOINTS) throw new Error(`there are more than ${MOST_CHECKPOINTS}`);
    return notes;
  } catch (error) {
    report('checkpoints-malformed', `${KEPT_CHECKPOINTS}: ${(error as Error).message}`);
    return [];
  }
}
