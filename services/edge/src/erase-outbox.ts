import type { SqlDatabase } from '@entente/runtime';
import { type CheckedSubmission, type OutboxRow, toRow } from './outbox-row.js';
import { goesWithItsReferral } from './with-its-referral.js';

/** How own messages go when their time is over: first what they say, later the seal and the row. */
export function eraseOutbox(db: SqlDatabase) {
  const sql = {
    over: db.prepare(
      `SELECT * FROM outbox WHERE removed_ms IS NULL AND state = 'ended' AND erase_ms <= ?
         AND case_id NOT IN (SELECT case_id FROM legal_hold) ORDER BY erase_ms LIMIT ?`,
    ),
    // The digest of what was handed in goes as well: a guess could be tested against it.
    remove: db.prepare(
      `UPDATE outbox SET submission = ?, envelope = ?, salt = NULL, idempotency_key = NULL, submission_sha256 = zeroblob(32),
         removed_ms = ? WHERE id = ?`,
    ),
    removeSeal: db.prepare('UPDATE outbox SET envelope = NULL WHERE id = ?'),
    drop: db.prepare('DELETE FROM outbox WHERE id = ?'),
    removed: db.prepare(
      `SELECT * FROM outbox WHERE removed_ms <= ? AND state = 'ended' AND ${goesWithItsReferral('outbox')}
         AND case_id NOT IN (SELECT case_id FROM legal_hold) ORDER BY removed_ms LIMIT ?`,
    ),
    eraseFrom: db.prepare(
      `UPDATE outbox SET erase_ms = min(erase_ms, ?) WHERE case_id = ? AND (id = ? OR in_reply_to = ?) AND removed_ms IS NULL`,
    ),
  };
  return {
    /** Whose time is over, and of no case on legal hold. */
    over: (nowMs: number, limit: number): OutboxRow[] =>
      sql.over.all(nowMs, limit).flatMap((row) => toRow(row) ?? []),
    /** The content goes; the seal, which says that there was one, stays. */
    removeContent: (id: string, left: CheckedSubmission, envelope: Uint8Array | null, atMs: number): void =>
      void sql.remove.run(JSON.stringify(left), envelope, atMs, id),
    /** After its content. */
    removeSeal: (id: string): void => void sql.removeSeal.run(id),
    /** Whose content went until then, and of no case on legal hold. */
    removed: (ms: number, limit: number): OutboxRow[] =>
      sql.removed.all(ms, limit).flatMap((row) => toRow(row) ?? []),
    drop: (id: string): void => void sql.drop.run(id),
    /** A referral and what was said of it here may be kept no longer. */
    eraseFrom: (caseId: string, id: string, atMs: number): void =>
      void sql.eraseFrom.run(atMs, caseId, id, id),
  };
}
