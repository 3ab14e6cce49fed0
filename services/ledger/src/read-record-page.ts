import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encodeRecordPage, RECORD_PAGE } from '@entente/audit';
import { openForReading } from '@entente/runtime';
import { SCHEMA } from './store.js';

/**
 * Entries of a log with their records, for auditors. Opened anew for each page, to read: a slow reader holds nothing that the ledger writes.
 * @param dir the log's folder of tiles; its database lies beside it
 * @returns undefined if the log has no such entries
 */
export function readRecordPage(dir: string, page: number): Buffer | undefined {
  const path = join(dirname(dir), 'ledger.sqlite');
  if (!existsSync(path)) return undefined;
  const database = openForReading(path, SCHEMA);
  try {
    const first = page * RECORD_PAGE;
    const rows = database
      .prepare('SELECT leaf, salt, record FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx')
      .all(first, first + RECORD_PAGE);
    const bytes = (value: unknown) => (value as Uint8Array | null) ?? new Uint8Array();
    const entries = rows.map(({ leaf, salt, record }) => ({
      leaf: bytes(leaf),
      salt: bytes(salt),
      record: bytes(record),
    }));
    return entries.length > 0 ? encodeRecordPage(entries) : undefined;
  } finally {
    database.close();
  }
}
