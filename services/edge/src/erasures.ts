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
  /** The pseudonym of who has ordered it. */
  readonly actor: string;
}

export type NewErasure = Omit<Erasure, 'messages'>;

export type Erasures = ReturnType<typeof openErasures>;

export function openErasures(db: SqlDatabase) {
  const sql = {
    put: db.prepare(
      'INSERT INTO erasure (case_id, reason, reference, at_ms, messages, actor) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    find: db.prepare('SELECT * FROM erasure WHERE case_id = ? AND at_ms = ? LIMIT 1'),
    list: db.prepare('SELECT * FROM erasure ORDER BY at_ms DESC LIMIT ?'),
    // What is still under way goes as soon as it has its outcome.
    endReceived: db.prepare('UPDATE received SET erase_ms = ? WHERE case_id = ? AND removed_ms IS NULL'),
    endSent: db.prepare('UPDATE outbox SET erase_ms = ? WHERE case_id = ? AND removed_ms IS NULL'),
  };
  return Object.freeze({
    /** @returns how many messages still had their content */
    order: ({ caseId, reason, reference, atMs, actor }: NewErasure): number =>
      db.transaction(() => {
        const received = sql.endReceived.run(atMs, caseId).changes;
        const messages = received + sql.endSent.run(atMs, caseId).changes;
        sql.put.run(caseId, reason, reference, atMs, messages, actor);
        return messages;
      }),
    /** The order by which contents of a case had to go at that time; undefined: it was the end of their own time. */
    find: (caseId: string, eraseMs: number): Erasure | undefined => {
      const row = sql.find.get(caseId, eraseMs);
      return row && toErasure(row);
    },
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
    actor: String(row.actor),
  };
}
