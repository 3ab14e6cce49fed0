import type { SqlDatabase, SqlRow } from '@entente/runtime';

export interface RefusedRow {
  readonly sha256: Uint8Array;
  readonly atMs: number;
  readonly code: string;
  readonly detail: string;
  /** Proved, or empty. */
  readonly sender: string;
}

/** Of one sender. */
const MOST_REFUSED = 1000;
/** Longer than a message can be on its way: its sender asks until then what became of it. */
const REFUSED_MS = 90 * 86_400_000;

/** What this member did not take, and why. */
export function openRefusals(db: SqlDatabase) {
  const sql = {
    refuse: db.prepare(
      'INSERT OR IGNORE INTO refused (sha256, at_ms, code, detail, sender) VALUES (?, ?, ?, ?, ?)',
    ),
    refusedAs: db.prepare('SELECT code FROM refused WHERE sha256 = ? AND sender = ?'),
    refused: db.prepare('SELECT * FROM refused ORDER BY at_ms DESC LIMIT ?'),
    refusedOf: db.prepare('SELECT * FROM refused WHERE sender = ? ORDER BY at_ms DESC LIMIT ?'),
    keepNewest: db.prepare(
      `DELETE FROM refused WHERE sender = ?1 AND sha256 IN
         (SELECT sha256 FROM refused WHERE sender = ?1 ORDER BY at_ms DESC LIMIT -1 OFFSET ?2)`,
    ),
    forgetRefused: db.prepare('DELETE FROM refused WHERE at_ms < ?'),
  };
  return Object.freeze({
    /** Of each sender so many are kept, the newest, that nobody fills a disk with what is not taken. */
    refuse: ({ sha256, atMs, code, detail, sender }: RefusedRow): void => {
      db.transaction(() => {
        sql.refuse.run(sha256, atMs, code, detail, sender);
        sql.keepNewest.run(sender, MOST_REFUSED);
      });
    },
    /** What was refused longer ago than it is kept goes. */
    forgetRefused: (nowMs: number): void => void sql.forgetRefused.run(nowMs - REFUSED_MS),
    /** Why a message of this sender was refused here; undefined: it was not. */
    refusedAs: (messageHash: Uint8Array, sender: string): string | undefined =>
      sql.refusedAs.get(messageHash, sender)?.code as string | undefined,
    /** Newest first; of one sender, where one is named: another that is refused often hides it from the list of all. */
    refused: (limit: number, sender?: string): RefusedRow[] =>
      (sender === undefined ? sql.refused.all(limit) : sql.refusedOf.all(sender, limit)).map(toRefused),
  });
}

function toRefused(row: SqlRow): RefusedRow {
  return {
    sha256: row.sha256 as Uint8Array,
    atMs: Number(row.at_ms),
    code: String(row.code),
    detail: String(row.detail),
    sender: String(row.sender),
  };
}
