import type { SqlDatabase, SqlRow } from '@entente/runtime';

/** Until when a message, or what is left of it, is kept. */
export interface KeptTime {
  readonly caseId: string;
  readonly eraseMs: number;
  /** When its content went; null: it is there. */
  readonly removedMs: number | null;
}

export type KeptTimes = ReturnType<typeof openKeptTimes>;

/** The times of all that an edge keeps of messages, from the indexes alone: contents may be gigabytes. */
export function openKeptTimes(db: SqlDatabase) {
  const sql = ['received', 'outbox'].map((table) =>
    db.prepare(
      `SELECT case_id, erase_ms, removed_ms FROM ${table} INDEXED BY ${table}_case WHERE case_id >= ? AND case_id < ?`,
    ),
  );
  return Object.freeze({
    /** Of cases from the one id on, before the other. */
    between: (from: string, before: string): KeptTime[] =>
      sql.flatMap((one) => one.all(from, before).map(toTime)),
  });
}

function toTime({ case_id: caseId, erase_ms: eraseMs, removed_ms: removedMs }: SqlRow): KeptTime {
  return {
    caseId: String(caseId),
    eraseMs: Number(eraseMs),
    removedMs: removedMs === null ? null : Number(removedMs),
  };
}
