import { AuditError, parseVkey, proveEntry } from '@entente/audit';
import { wire } from '@entente/contract';
import { UsageError } from '../usage.js';
import { isAboutMessage } from './about-message.js';
import { headerIn } from './header-in.js';
import { hex } from './hex.js';
import { type LogSource, logFilesOf } from './log-source.js';
import { type LoggedEntry, type OnProgress, readLog } from './read-log.js';

export interface EntryProof {
  readonly index: number;
  readonly size: number;
  /** A tlog-proof, whose extra data is the entry with its record. */
  readonly proof: string;
  /** Other entries that were asked for as well. */
  readonly others: readonly number[];
}

/** More than the extra data of a proof may have is left out: then only the leaf goes along. */
const MAX_EXTRA_BYTES = 65_536;
const MOST_OTHERS = 100;

/**
 * Proves that a log holds an entry: by its index, by its message's hash (hex), or by its message's id; of several the first. The
 * whole log is read, for only its files say which one it is.
 * @throws UsageError if there is none
 */
export async function proveLogged(
  source: LogSource,
  wanted: string,
  onProgress?: OnProgress,
): Promise<EntryProof> {
  const isWanted = matcher(wanted);
  const found: { index: number; leaf: Uint8Array; extra: Uint8Array }[] = [];
  const others: number[] = [];
  const visit = (entry: LoggedEntry) => {
    if (!isWanted(entry)) return;
    if (found.length > 0 && others.length < MOST_OTHERS) others.push(entry.index);
    if (found.length > 0) return;
    const leaf = wire.leaf.encode(entry.leaf);
    found.push({ index: entry.index, leaf, extra: extraOf(leaf, entry) });
  };
  await readLog(source, visit, { onProgress });
  const [first] = found;
  if (!first) throw new UsageError(`The log of ${source.nation} holds no entry ${wanted.slice(0, 80)}.`);
  const key = parseVkey(source.vkey);
  const files = logFilesOf(source);
  const read = async (path: string, most: number) => {
    const bytes = await files.read(path, most);
    return typeof bytes === 'string' ? undefined : bytes;
  };
  try {
    const { proof, size } = await proveEntry(
      read,
      { key, origin: key.name },
      first.index,
      first.leaf,
      first.extra,
    );
    return { index: first.index, size, proof, others };
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    throw new UsageError(
      `Entry ${first.index} cannot be proved (${error.code}): \`entente audit verify\` says what is wrong.`,
    );
  }
}

function matcher(wanted: string): (entry: LoggedEntry) => boolean {
  if (/^[0-9]{1,15}$/.test(wanted)) return ({ index }) => index === Number(wanted);
  if (/^[0-9a-f]{64}$/.test(wanted)) return ({ record }) => hex(record?.messageHash) === wanted;
  if (/^[0-9a-f]{32}$/.test(wanted)) return ({ record }) => idOf(record) === wanted;
  throw new UsageError(
    `"${wanted.slice(0, 80)}" is no index, no message hash (64 hex digits) and no message id (32).`,
  );
}

function idOf(record: wire.RecordFrame | null): string {
  return (record && isAboutMessage(record) && headerIn(record)?.id) || '';
}

function extraOf(leaf: Uint8Array, { record, bytes, salt }: LoggedEntry): Uint8Array {
  const whole = record && bytes && salt ? { leaf, salt, record: bytes } : { leaf };
  const encoded = wire.entry.encode(whole);
  return encoded.length <= MAX_EXTRA_BYTES ? encoded : wire.entry.encode({ leaf });
}
