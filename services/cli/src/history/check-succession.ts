import { parseCheckpoint, parseNote } from '@entente/audit';
import { type LedgerLog, lastCheckpoint } from './ledger-logs.js';
import type { LogEnds } from './log-ends.js';
import { type LogSource, originOf } from './log-source.js';
import type { LogFault } from './read-log.js';

/**
 * A log that goes on under another origin names its successor in its last entry; the successor names it in its first, with its last
 * checkpoint as others read it. Of a log that was restored to less, it names one that is at least as large.
 */
export function checkSuccession(source: LogSource, ends: LogEnds): LogFault[] {
  const { logs = [] } = source;
  const at = logs.findIndex(({ origin }) => origin === originOf(source));
  const [before, after] = [logs[at - 1], logs[at + 1]];
  return [...(before ? checkFirst(before, ends) : []), ...(after ? checkLast(after, ends) : [])];
}

function checkFirst(before: LedgerLog, { first }: LogEnds): LogFault[] {
  const { succession } = first ?? {};
  if (first?.event !== 'log-opened' || succession?.origin !== before.origin)
    return [fault(0, `it follows ${before.origin}, and its first entry does not say so`)];
  const [named, shown] = [read(succession.checkpoint), read(lastCheckpoint(before))];
  if (!named || !shown) return [fault(0, `the last checkpoint of ${before.origin} cannot be read`)];
  const isSame = named.size === shown.size && Buffer.from(named.root).equals(shown.root);
  // What was lost with a restored log may be shown by nobody any more.
  if (isSame || (succession.reason === 'restored' && named.size >= shown.size)) return [];
  return [
    fault(
      0,
      `it says that ${before.origin} ended with ${named.size} entries, which shows ${shown.size} or others`,
    ),
  ];
}

function checkLast(after: LedgerLog, { last, size }: LogEnds): LogFault[] {
  if (after.reason === 'restored') return [];
  if (last?.event === 'log-closed' && last.succession?.origin === after.origin) return [];
  return [fault(size - 1, `${after.origin} follows it, and its last entry does not say so`)];
}

function fault(index: number, detail: string): LogFault {
  return { index, code: 'succession-broken', detail };
}

function read(note: string) {
  try {
    return parseCheckpoint(parseNote(note).text);
  } catch {
    return undefined;
  }
}
