import { wire } from '@entente/contract';
import type { SqlDatabase, SqlRow } from '@entente/runtime';
import { LAST_RESEND_MS } from './resend.js';

/** What this member asks its gate or another edge for, and sends again until it is answered: an anchor, an inspection. */
export interface RequestRow {
  readonly id: string;
  readonly messageHash: Uint8Array;
  /** An Envelope, encoded. */
  readonly envelope: Uint8Array;
  readonly kind: 'anchor' | 'inspect';
  readonly state: 'sent' | 'logged' | 'answered' | 'refused' | 'expired';
  readonly code: string;
  /** The gate's entry, which proves that it is on record. */
  readonly entry: wire.EntryFrame | null;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly attempts: number;
}

export type NewRequest = Omit<RequestRow, 'state' | 'code' | 'entry' | 'attempts'>;
export type RequestStore = ReturnType<typeof openRequestStore>;

export function openRequestStore(db: SqlDatabase) {
  const sql = {
    insert: db.prepare(
      `INSERT INTO request (id, message_hash, envelope, kind, state, code, created_ms, expires_ms, next_try_ms, attempts)
       VALUES (?, ?, ?, ?, 'sent', '', ?, ?, ?, 0)`,
    ),
    find: db.prepare('SELECT * FROM request WHERE id = ?'),
    // An anchor is done when it is on record; an inspection when the other edge has answered.
    due: db.prepare(
      `SELECT * FROM request WHERE state IN ('sent', 'logged') AND (state = 'sent' OR kind = 'inspect')
       AND (next_try_ms <= ? OR next_try_ms > ?)
       ORDER BY next_try_ms LIMIT ?`,
    ),
    retry: db.prepare('UPDATE request SET next_try_ms = ?, attempts = ? WHERE id = ?'),
    end: db.prepare('UPDATE request SET state = ?, code = ?, entry = coalesce(?, entry) WHERE id = ?'),
  };
  return Object.freeze({
    insert: ({ id, messageHash, envelope, kind, createdMs, expiresMs }: NewRequest): void =>
      void sql.insert.run(id, messageHash, envelope, kind, createdMs, expiresMs, createdMs),
    find: (id: string): RequestRow | undefined => toRow(sql.find.get(id)),
    due: (nowMs: number, limit: number): RequestRow[] =>
      sql.due.all(nowMs, nowMs + LAST_RESEND_MS, limit).flatMap((row) => toRow(row) ?? []),
    retryAt: (id: string, atMs: number, attempts: number): void => void sql.retry.run(atMs, attempts, id),
    end: (id: string, state: RequestRow['state'], code = '', entry: wire.EntryFrame | null = null): void =>
      void sql.end.run(state, code, entry && wire.entry.encode(entry), id),
  });
}

function toRow(row: SqlRow | undefined): RequestRow | undefined {
  if (!row) return undefined;
  return {
    id: String(row.id),
    messageHash: row.message_hash as Uint8Array,
    envelope: row.envelope as Uint8Array,
    kind: row.kind as RequestRow['kind'],
    state: row.state as RequestRow['state'],
    code: String(row.code),
    entry: row.entry === null ? null : wire.entry.decode(row.entry as Uint8Array),
    createdMs: Number(row.created_ms),
    expiresMs: Number(row.expires_ms),
    attempts: Number(row.attempts),
  };
}
