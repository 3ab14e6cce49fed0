import { join } from 'node:path';
import { parseCheckpoint, parseNote } from '@entente/audit';
import { openForReading } from '@entente/runtime';
import { listLogs } from './ledger-logs.js';
import { LEDGER_SCHEMA } from './open-records.js';

/** The origin of the log that a ledger writes on now; undefined where its first log has no entry. */
export function currentLog(dataDir: string): string | undefined {
  const last = listLogs(dataDir, '').at(-1);
  const database = openForReading(join(last?.dir ?? dataDir, 'ledger.sqlite'), LEDGER_SCHEMA);
  try {
    const note = String(database.prepare('SELECT note FROM head').get()?.note ?? '');
    return note === '' ? undefined : parseCheckpoint(parseNote(note).text).origin;
  } finally {
    database.close();
  }
}

/**
 * Origins of this ledger that are in use or were: none of them may name another history.
 * @param current as `currentLog` says
 */
export function usedOrigins(dataDir: string, current: string): string[] {
  return listLogs(dataDir, current).map(({ origin }) => origin);
}
