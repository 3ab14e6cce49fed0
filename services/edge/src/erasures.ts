import type { ErasureReason } from '@entente/contract';
import type { SqlDatabase, SqlRow } from '@entente/runtime';

/** That, when and why the contents of a case had to go before their time. */
export interface Erasure {
  readonly caseId: string;
  readonly reason: ErasureReason;
  /** Where the decision can be found; no name. */
  readonly reference: string;
  readonly atMs: number;
  readonly messages: number;
}

export type Erasures = ReturnType<typeof openErasures>;

export function openErasures(db: SqlDatabase) {
  const sql = {
    put: db.prepare(
      'INSERT INTO erasure (case_id, reason, reference, at_ms, messages) VALUES (?, ?, ?, ?, ?)',
    ),
    list: db.prepare('SELECT * FROM erasure ORDER BY at_ms DESC LIMIT ?'),
    // What is still under way goes as soon as it has its outcome.
    endReceived: db.prepare('UPDATE received SET erase_ms = ? WHERE case_id = ? AND removed_ms IS NULL'),
    endSent: db.prepare('UPDATE outbox SET erase_ms = ? WHERE case_id = ? AND removed_ms IS NULL'),
  };
  return Object.freeze({
    /** @returns how many messages still had their content */
    order: (caseId: string, reason: ErasureReason, reference: string, nowMs: number): number =>
      db.transaction(() => {
        const received = sql.endReceived.run(nowMs, caseId).changes;
        const messages = received + sql.endSent.run(nowMs, caseId).changes;
        sql.put.run(caseId, reason, reference, nowMs, messages);
        return messages;
      }),
    list: (limit: number): Erasure[] => sql.list.all(limit).map(toErasure),
  });
}

function toErasure(row: SqlRow): Erasure {
  return {
    caseId: String(row.case_id),
    reason: row.reason as ErasureReason,
    reference: String(row.reference),
    atMs: Number(row.at_ms),
    messages: Number(row.messages),
  };
}
