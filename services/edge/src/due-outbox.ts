import type { SqlDatabase, SqlRow } from '@entente/runtime';
import { OUTBOX_ROWS, type OutboxRow, toRow } from './outbox-row.js';
import { LAST_RESEND_MS } from './resend.js';

/** What of a member's own messages is to be sent now. */
export function dueOutbox(db: SqlDatabase) {
  // Each a range of one index, however many wait behind it. The words stand in the statement: SQLite compares them with those of the partial
  // indexes, and one that it has to take from a parameter it compiles anew for each use.
  const first = (state: 'draft' | 'sent', isEmergency: 0 | 1, range: string) =>
    db.prepare(
      `${OUTBOX_ROWS} WHERE state <> 'ended' AND state = '${state}' AND is_emergency = ${isEmergency} AND next_try_ms ${range}
       ORDER BY next_try_ms LIMIT ?`,
    );
  const kind = (state: 'draft' | 'sent', isEmergency: 0 | 1) => ({
    due: first(state, isEmergency, '<= ?'),
    tooLate: first(state, isEmergency, '> ?'),
  });
  const [newEmergencies, emergenciesAgain] = [kind('draft', 1), kind('sent', 1)];
  const [again, fresh] = [kind('sent', 0), kind('draft', 0)];
  return {
    /**
     * Emergencies before all else, and no more of each kind than `limit`: what was never sent keeps nothing from coming again, nor the
     * other way round. Also what is due later than anything can be: a clock was ahead when that was written, and is right now.
     * @param most so many at most that were never sent and are no emergency
     */
    due: (nowMs: number, limit: number, most = limit): OutboxRow[] => {
      const rows: SqlRow[] = [];
      for (const [{ due, tooLate }, room] of [
        [newEmergencies, limit],
        [emergenciesAgain, limit],
        [again, limit],
        [fresh, Math.min(most, limit)],
      ] as const) {
        if (room === 0) continue;
        const some = due.all(nowMs, room);
        rows.push(...some);
        if (some.length < room) rows.push(...tooLate.all(nowMs + LAST_RESEND_MS, room - some.length));
      }
      return rows.flatMap((row) => toRow(row) ?? []);
    },
  };
}
