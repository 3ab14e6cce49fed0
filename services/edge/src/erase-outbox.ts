import type { SqlDatabase } from '@entente/runtime';
import { numbered, type outboxContents } from './outbox-contents.js';
import { type CheckedSubmission, OUTBOX_ROWS, type OutboxRow, toRow } from './outbox-row.js';
import { goesWithItsReferral } from './with-its-referral.js';

/** How own messages go when their time is over: first what they say, later the seal and the row. */
export function eraseOutbox(db: SqlDatabase, contents: ReturnType<typeof outboxContents>) {
  const sql = {
    over: db.prepare(
      `${OUTBOX_ROWS} WHERE removed_ms IS NULL AND state = 'ended' AND erase_ms <= ?
         AND case_id NOT IN (SELECT case_id FROM legal_hold) ORDER BY erase_ms LIMIT ?`,
    ),
    // The digest of what was handed in goes as well: a guess could be tested against it.
    remove: db.prepare(
      `UPDATE outbox SET salt = NULL, idempotency_key = NULL, submission_sha256 = zeroblob(32), removed_ms = ? WHERE id = ?
       RETURNING id, number`,
    ),
    numbered: db.prepare('SELECT id, number FROM outbox WHERE id = ?'),
    drop: db.prepare('DELETE FROM outbox WHERE id = ? RETURNING id, number'),
    removed: db.prepare(
      `${OUTBOX_ROWS} WHERE removed_ms <= ? AND state = 'ended' AND ${goesWithItsReferral('outbox')}
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
    removeContent: (id: string, left: CheckedSubmission, envelope: Uint8Array | null, atMs: number): void => {
      const row = numbered(sql.remove.get(atMs, id));
      if (!row) return;
      contents.say(row, JSON.stringify(left));
      contents.seal(row, envelope);
    },
    /** After its content. */
    removeSeal: (id: string): void => {
      const row = numbered(sql.numbered.get(id));
      if (row) contents.seal(row, null);
    },
    /** Whose content went until then, and of no case on legal hold. */
    removed: (ms: number, limit: number): OutboxRow[] =>
      sql.removed.all(ms, limit).flatMap((row) => toRow(row) ?? []),
    drop: (id: string): void => {
      const row = numbered(sql.drop.get(id));
      if (row) contents.drop(row);
    },
    /** A referral and what was said of it here may be kept no longer. */
    eraseFrom: (caseId: string, id: string, atMs: number): void =>
      void sql.eraseFrom.run(atMs, caseId, id, id),
  };
}
