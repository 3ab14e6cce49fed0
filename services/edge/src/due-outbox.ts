import type { SqlDatabase, SqlRow } from '@entente/runtime';
import { type OutboxRow, toRow } from './outbox-row.js';
import { LAST_RESEND_MS } from './resend.js';

/** What of a member's own messages is to be sent now. */
export function dueOutbox(db: SqlDatabase) {
  // Each a range of one index, however many wait behind it.
  const due = db.prepare(
    `SELECT * FROM outbox WHERE state <> 'ended' AND state = ? AND is_emergency = ? AND next_try_ms <= ? ORDER BY next_try_ms LIMIT ?`,
  );
  const tooLate = db.prepare(
    `SELECT * FROM outbox WHERE state <> 'ended' AND state = ? AND is_emergency = ? AND next_try_ms > ? ORDER BY next_try_ms LIMIT ?`,
  );
  return {
    /**
     * Emergencies before all else, and no more of each kind than `limit`: what was never sent keeps nothing from coming again, nor the
     * other way round. Also what is due later than anything can be: a clock was ahead when that was written, and is right now.
     * @param fresh so many at most that were never sent and are no emergency
     */
    due: (nowMs: number, limit: number, fresh = limit): OutboxRow[] => {
      const rows: SqlRow[] = [];
      for (const [state, isEmergency, most] of [
        ['draft', 1, limit],
        ['sent', 1, limit],
        ['sent', 0, limit],
        ['draft', 0, Math.min(fresh, limit)],
      ] as const) {
        if (most === 0) continue;
        const some = due.all(state, isEmergency, nowMs, most);
        rows.push(...some, ...tooLate.all(state, isEmergency, nowMs + LAST_RESEND_MS, most - some.length));
      }
      return rows.flatMap((row) => toRow(row) ?? []);
    },
  };
}
