import type { SqlDatabase, SqlRow } from '@entente/runtime';
import type { AboutReferral } from './case-store.js';

/** A referral of this member's own that was made of another, which it had received or, where it is escalated, sent. */
export interface Forward {
  /** The message that went on. */
  readonly id: string;
  readonly caseId: string;
  readonly of: AboutReferral;
}

export type Forwards = ReturnType<typeof openForwards>;

/** What this member sent on or escalated, and of what: only here do the two cases know of one another. */
export function openForwards(db: SqlDatabase) {
  const sql = {
    insert: db.prepare('INSERT INTO forward (id, case_id, of_case, of_sender, of_id) VALUES (?, ?, ?, ?, ?)'),
    of: db.prepare('SELECT * FROM forward WHERE of_case = ? AND of_sender = ? AND of_id = ?'),
    byId: db.prepare('SELECT * FROM forward WHERE id = ?'),
    drop: db.prepare('DELETE FROM forward WHERE id = ?'),
  };
  return Object.freeze({
    insert: ({ id, caseId, of }: Forward): void =>
      void sql.insert.run(id, caseId, of.caseId, of.sender, of.id),
    drop: (id: string): void => void sql.drop.run(id),
    of: ({ caseId, sender, id }: AboutReferral): Forward[] => sql.of.all(caseId, sender, id).map(toForward),
    /** Of which referral that message was made; undefined: of none. */
    sourceOf: (id: string): AboutReferral | undefined => {
      const row = sql.byId.get(id);
      return row && toForward(row).of;
    },
  });
}

function toForward(row: SqlRow): Forward {
  return {
    id: String(row.id),
    caseId: String(row.case_id),
    of: { caseId: String(row.of_case), sender: String(row.of_sender), id: String(row.of_id) },
  };
}
