import { nationOf } from '@entente/contract';
import type { SqlDatabase } from '@entente/runtime';
import { FILED_UNDER } from './outbox-contents.js';

/**
 * Until a gate is asked for the first time: twelve times the five seconds after which its server delivers again what it did not finish,
 * and longer than a process needs to start or a cluster to choose a leader. What comes by itself has come.
 */
export const FIRST_ASK_MS = 60_000;

/** The longest time for which nobody looks at one. */
const LAST_LOOK_MS = 24 * 3_600_000;

export interface IncompleteWay {
  readonly id: string;
  /** How often the gates were asked. */
  readonly asked: number;
}

export type IncompleteWays = ReturnType<typeof openIncompleteWays>;

/**
 * Messages that have arrived or were refused beyond their own gate, and of which a gate on their way has not shown its entry here: it was
 * lost on its way back. Who was refused has to prove the way as much.
 * @param member whose messages they are
 */
export function openIncompleteWays(db: SqlDatabase, member: string) {
  const sql = {
    shown: db.prepare(
      `SELECT count(DISTINCT source) AS shown FROM evidence WHERE message_id = (SELECT ${FILED_UNDER} FROM outbox WHERE id = ?)
         AND (evidence = 'submission-accepted' AND source = ? OR evidence IN ('relay-accepted', 'relay-rejected') AND source = ?)`,
    ),
    insert: db.prepare('INSERT OR IGNORE INTO incomplete_way (id, next_ms, asked) VALUES (?, ?, 0)'),
    // Also what is due later than anything can be: a clock was ahead when that was written, and is right now.
    due: db.prepare(
      'SELECT id, asked FROM incomplete_way WHERE next_ms <= ? OR next_ms > ? ORDER BY next_ms LIMIT ?',
    ),
    putOff: db.prepare('UPDATE incomplete_way SET asked = ?, next_ms = ? WHERE id = ?'),
    remove: db.prepare('DELETE FROM incomplete_way WHERE id = ?'),
    overdue: db.prepare('SELECT count(*) AS overdue FROM incomplete_way WHERE asked > 1'),
  };
  const own = nationOf(member);
  /** Whether each gate on the way to that member has shown its entry. */
  const isWhole = (id: string, to: string): boolean => {
    const there = nationOf(to);
    return Number(sql.shown.get(id, own, there)?.shown) >= (there === own ? 1 : 2);
  };
  const remove = (id: string): void => void sql.remove.run(id);
  return Object.freeze({
    isWhole,
    remove,
    /** A message has arrived, or was refused: within the transaction that says so. */
    noteEnd: (id: string, to: string, nowMs: number): void => {
      if (!isWhole(id, to)) sql.insert.run(id, nowMs + FIRST_ASK_MS);
    },
    /** One more entry about a message that had its end. */
    noteEntry: (id: string, to: string): void => {
      if (isWhole(id, to)) remove(id);
    },
    due: (nowMs: number, limit: number): IncompleteWay[] =>
      sql.due.all(nowMs, nowMs + LAST_LOOK_MS, limit).map((row) => ({
        id: String(row.id),
        asked: Number(row.asked),
      })),
    putOff: (id: string, asked: number, nextMs: number): void => void sql.putOff.run(asked, nextMs, id),
    /** Of which the gates were asked twice at least. */
    countOverdue: (): number => Number(sql.overdue.get()?.overdue),
  });
}
