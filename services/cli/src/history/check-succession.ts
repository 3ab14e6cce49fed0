import { type Checkpoint, parseCheckpoint, parseNote } from '@entente/audit';
import { lastCheckpoint } from './ledger-logs.js';
import type { LogEnds } from './log-ends.js';
import { type LogSource, originOf } from './log-source.js';
import type { LogFault, ReadLog } from './read-log.js';
import { type LogEnd, readNeighbour } from './read-neighbour.js';

/** What a log that has ended shows; undefined: that is not asked of it here. */
interface Ended {
  readonly origin: string;
  /** Null: it cannot be read. */
  readonly checkpoint?: Tree | null | undefined;
  readonly last?: LogEnd | null | undefined;
}

/** The same of the log that goes on after it. */
interface Begun {
  readonly origin: string;
  /** Why the one before it ended, if anybody says so. */
  readonly reason?: string | undefined;
  readonly first?: LogEnd | null | undefined;
}

type Tree = Pick<Checkpoint, 'size' | 'root'>;

/**
 * A log that goes on under another origin names its successor in its last entry; the successor names it in its first, with its last
 * checkpoint as others read it. Of a log that was restored to less, it names one that is at least as large.
 *
 * A ledger's folder says which logs followed one another. Elsewhere the log itself names the ones before and after it; what those
 * show is held against it, as far as they are shown.
 * @param tree size and root (hex) that the log was read under
 * @throws Unreachable
 */
export async function checkSuccession(
  source: LogSource,
  ends: LogEnds,
  tree: Pick<ReadLog, 'size' | 'root'>,
): Promise<LogFault[]> {
  const { before, after } = source.logs
    ? inFolder(source, source.logs, ends)
    : await asShown(source, ends, { size: tree.size, root: Buffer.from(tree.root, 'hex') });
  return [...faultsAt(0, before), ...faultsAt(ends.size - 1, after)];
}

interface Problems {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

function inFolder(source: LogSource, logs: NonNullable<LogSource['logs']>, ends: LogEnds): Problems {
  const origin = originOf(source);
  const at = logs.findIndex((log) => log.origin === origin);
  const [before, after] = [logs[at - 1], logs[at + 1]];
  return {
    before:
      before &&
      problemOf({ origin: before.origin, checkpoint: read(lastCheckpoint(before)) }, { origin, ...ends }),
    after: after && problemOf({ origin, last: ends.last }, { origin: after.origin, reason: after.reason }),
  };
}

async function asShown(source: LogSource, ends: LogEnds, tree: Tree): Promise<Problems> {
  const { first, last, closed } = ends;
  const predecessor = first?.event === 'log-opened' ? first.succession?.origin : undefined;
  const successor = closed?.succession?.origin;
  return {
    before: predecessor && (await problemBefore(source, predecessor, first)),
    after: successor && (await problemAfter(source, successor, { last, checkpoint: tree })),
  };
}

async function problemBefore(
  source: LogSource,
  predecessor: string,
  first: LogEnd | null,
): Promise<string | undefined> {
  const neighbour = await readNeighbour(source, predecessor);
  const reason = first?.succession?.reason;
  // What was restored to less has no last word.
  const last = reason === 'restored' ? undefined : await neighbour?.end('last');
  const ended = { origin: predecessor, checkpoint: neighbour?.checkpoint, last };
  return problemOf(ended, { origin: originOf(source), reason, first });
}

async function problemAfter(
  source: LogSource,
  successor: string,
  own: Omit<Ended, 'origin'>,
): Promise<string | undefined> {
  const first = await (await readNeighbour(source, successor))?.end('first');
  return problemOf({ origin: originOf(source), ...own }, { origin: successor, first });
}

/** What speaks against it that one log goes on where the other ended. */
function problemOf({ origin, checkpoint, last }: Ended, next: Begun): string | undefined {
  const { first, reason } = next;
  const begins = first === undefined ? undefined : problemOfFirst({ origin, checkpoint }, next.origin, first);
  if (begins !== undefined || last === undefined || reason === 'restored') return begins;
  if (last?.event === 'log-closed' && last.succession?.origin === next.origin) return undefined;
  return `${next.origin} follows ${origin}, whose last entry does not say so`;
}

function problemOfFirst(
  { origin, checkpoint }: Ended,
  next: string,
  first: LogEnd | null,
): string | undefined {
  const { succession } = first ?? {};
  if (first?.event !== 'log-opened' || succession?.origin !== origin)
    return `${next} follows ${origin}, and its first entry does not say so`;
  const named = read(succession.checkpoint);
  if (!named || checkpoint === null) return `the last checkpoint of ${origin} cannot be read`;
  if (checkpoint === undefined) return undefined;
  const isSame = named.size === checkpoint.size && Buffer.from(named.root).equals(checkpoint.root);
  // What was lost with a restored log may be shown by nobody any more.
  if (isSame || (succession.reason === 'restored' && named.size >= checkpoint.size)) return undefined;
  return `${next} says that ${origin} ended with ${named.size} entries, which shows ${checkpoint.size} or others`;
}

function faultsAt(index: number, detail: string | undefined): LogFault[] {
  return detail ? [{ index, code: 'succession-broken', detail }] : [];
}

function read(note: string): Checkpoint | null {
  try {
    return parseCheckpoint(parseNote(note).text);
  } catch {
    return null;
  }
}
