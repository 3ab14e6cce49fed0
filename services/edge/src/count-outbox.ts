import type { SqlDatabase } from '@entente/runtime';
import { FILED_UNDER } from './outbox-contents.js';

/** What is counted of own messages, each when it is asked for. */
export function countOutbox(db: SqlDatabase) {
  const sql = {
    waiting: db.prepare("SELECT count(*) AS waiting FROM outbox WHERE state <> 'ended'"),
    // The gate of another nation files its evidence under that nation's name, in which a member's id ends.
    late: db.prepare(
      `SELECT count(*) FILTER (WHERE delivery_due_ms <= ? AND outcome <> 'held') AS delivery,
         count(*) FILTER (WHERE relay_due_ms <= ? AND outcome <> 'held' AND upper(substr(to_member, -2)) <> ?
           AND NOT EXISTS (SELECT 1 FROM evidence WHERE message_id = ${FILED_UNDER} AND evidence = 'relay-accepted'
             AND source = upper(substr(to_member, -2)))) AS relay
       FROM outbox WHERE state <> 'ended'`,
    ),
    usedUp: db.prepare('SELECT count(*) AS used_up FROM outbox WHERE is_used_up = 1'),
  };
  return {
    /** Messages without an outcome. */
    countWaiting: (): number => Number(sql.waiting.get()?.waiting),
    /**
     * How many of those should have evidence of delivery by now, and of relay to another nation.
     * @param nation this member's own
     */
    countLate: (nowMs: number, nation: string) => {
      const row = sql.late.get(nowMs, nowMs, nation);
      return { delivery: Number(row?.delivery), relay: Number(row?.relay) };
    },
    /** Notices that nobody has acted on and that are not given again by themselves. */
    countUsedUp: (): number => Number(sql.usedUp.get()?.used_up),
  };
}
