import type { SqlDatabase } from '@entente/runtime';

/** The longest time until a statement is sent again. */
export const LAST_STATEMENT_MS = 6 * 3_600_000;

export interface StatementRow {
  readonly id: string;
  /** An Envelope, encoded. */
  readonly envelope: Uint8Array;
  readonly attempts: number;
}

export type StatementStore = ReturnType<typeof openStatementStore>;

/**
 * Evidence that is not asked for again by a repeat: that a person opened a message, that a clock has ended. Nothing answers it, so
 * that it is sent a few times over hours, for a network that was down meanwhile.
 */
export function openStatementStore(db: SqlDatabase) {
  const sql = {
    insert: db.prepare('INSERT INTO statement (id, envelope, next_try_ms, attempts) VALUES (?, ?, ?, 0)'),
    // Also what is due later than anything can be: a clock was ahead when that was written, and is right now.
    due: db.prepare(
      'SELECT * FROM statement WHERE next_try_ms <= ? OR next_try_ms > ? ORDER BY next_try_ms LIMIT ?',
    ),
    retry: db.prepare('UPDATE statement SET next_try_ms = ?, attempts = ? WHERE id = ?'),
    remove: db.prepare('DELETE FROM statement WHERE id = ?'),
  };
  return Object.freeze({
    insert: (id: string, envelope: Uint8Array, nowMs: number): void =>
      void sql.insert.run(id, envelope, nowMs),
    due: (nowMs: number, limit: number): StatementRow[] =>
      sql.due.all(nowMs, nowMs + LAST_STATEMENT_MS, limit).map((row) => ({
        id: String(row.id),
        envelope: row.envelope as Uint8Array,
        attempts: Number(row.attempts),
      })),
    retryAt: (id: string, atMs: number, attempts: number): void => void sql.retry.run(atMs, attempts, id),
    remove: (id: string): void => void sql.remove.run(id),
  });
}
