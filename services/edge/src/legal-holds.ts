import type { SqlDatabase } from '@entente/runtime';

export interface LegalHold {
  readonly caseId: string;
  readonly reason: string;
  readonly sinceMs: number;
}

export type LegalHolds = ReturnType<typeof openLegalHolds>;

/** Cases of which nothing is erased while a law or a court says so. */
export function openLegalHolds(db: SqlDatabase) {
  const sql = {
    put: db.prepare('INSERT OR IGNORE INTO legal_hold (case_id, reason, since_ms) VALUES (?, ?, ?)'),
    find: db.prepare('SELECT * FROM legal_hold WHERE case_id = ?'),
    end: db.prepare('DELETE FROM legal_hold WHERE case_id = ?'),
  };
  return Object.freeze({
    put: (caseId: string, reason: string, nowMs: number): void => void sql.put.run(caseId, reason, nowMs),
    find: (caseId: string): LegalHold | undefined => {
      const row = sql.find.get(caseId);
      return row && { caseId, reason: String(row.reason), sinceMs: Number(row.since_ms) };
    },
    end: (caseId: string): boolean => sql.end.run(caseId).changes > 0,
  });
}
