import type { SqlDatabase, SqlRow } from '@entente/runtime';

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
    list: db.prepare('SELECT * FROM legal_hold ORDER BY case_id'),
    end: db.prepare('DELETE FROM legal_hold WHERE case_id = ?'),
  };
  return Object.freeze({
    /** @returns whether there was none before; the one that is there stays as it is */
    put: (caseId: string, reason: string, nowMs: number): boolean =>
      sql.put.run(caseId, reason, nowMs).changes > 0,
    find: (caseId: string): LegalHold | undefined => toHold(sql.find.get(caseId)),
    list: (): LegalHold[] => sql.list.all().flatMap((row) => toHold(row) ?? []),
    /** @returns whether there was one */
    end: (caseId: string): boolean => sql.end.run(caseId).changes > 0,
  });
}

function toHold(row: SqlRow | undefined): LegalHold | undefined {
  if (!row) return undefined;
  return { caseId: String(row.case_id), reason: String(row.reason), sinceMs: Number(row.since_ms) };
}
