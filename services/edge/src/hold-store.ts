import { wire } from '@entente/contract';
import type { SqlDatabase, SqlRow } from '@entente/runtime';
import { LAST_RESEND_MS } from './resend.js';

export type Decision = 'release' | 'refuse';

/** A message of others that a gate holds until this member, or another in the same role, has decided. */
export interface HoldRow {
  readonly messageHash: Uint8Array;
  /** The role in which this member may decide. */
  readonly role: string;
  /** The gate's entry that says so, verified. */
  readonly entry: wire.EntryFrame;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** This member's word about a held message, for the gate that holds it. */
export interface ApprovalRow {
  readonly aboutHash: Uint8Array;
  /** Whose gate that is. */
  readonly nation: string;
  readonly id: string;
  readonly messageHash: Uint8Array;
  readonly envelope: Uint8Array;
  readonly decision: Decision;
  readonly reason: string;
  /** What travels is a commitment to it; an inspection can open it. */
  readonly justification: string;
  readonly state: 'sent' | 'logged' | 'refused' | 'expired';
  readonly code: string;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly attempts: number;
}

/** Of one nation, 64 MiB at most; what more it holds comes again with its sender's repeats, when there is room. */
const MOST_HELD = 1000;

export type NewApproval = Omit<ApprovalRow, 'state' | 'code' | 'attempts'>;
export type HoldStore = ReturnType<typeof openHoldStore>;

export function openHoldStore(db: SqlDatabase) {
  nameHolders(db);
  const sql = {
    insert: db.prepare(
      'INSERT OR IGNORE INTO hold (message_hash, role, entry, since_ms, until_ms, nation) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    waiting: db.prepare('SELECT count(*) AS waiting FROM hold WHERE nation = ? AND is_decided = 0'),
    over: db.prepare('DELETE FROM hold WHERE is_decided = 0 AND until_ms <= ?'),
    overHolds: db.prepare(
      `DELETE FROM hold WHERE (message_hash, nation) IN
         (SELECT about_hash, nation FROM approval WHERE created_ms <= ? AND state <> 'sent')`,
    ),
    overApprovals: db.prepare("DELETE FROM approval WHERE created_ms <= ? AND state <> 'sent'"),
    decided: db.prepare('UPDATE hold SET is_decided = 1 WHERE message_hash = ? AND nation = ?'),
    byHash: db.prepare('SELECT * FROM hold WHERE message_hash = ? ORDER BY since_ms DESC'),
    byNation: db.prepare('SELECT * FROM hold WHERE message_hash = ? AND nation = ?'),
    list: db.prepare('SELECT * FROM hold ORDER BY since_ms DESC LIMIT ?'),
    // The first word stands: a crash between two requests does not make a second one. One that no gate has logged is none.
    decide: db.prepare(
      `INSERT INTO approval (about_hash, nation, id, message_hash, envelope, decision, reason, justification,
         state, code, entry, created_ms, expires_ms, next_try_ms, attempts)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'sent', '', NULL, ?, ?, ?, 0)
       ON CONFLICT (about_hash, nation) DO UPDATE SET id = excluded.id, message_hash = excluded.message_hash, envelope = excluded.envelope,
         decision = excluded.decision, reason = excluded.reason, justification = excluded.justification,
         state = excluded.state, code = excluded.code, entry = NULL, created_ms = excluded.created_ms,
         expires_ms = excluded.expires_ms, next_try_ms = excluded.next_try_ms, attempts = 0
       WHERE approval.state IN ('refused', 'expired')`,
    ),
    about: db.prepare('SELECT * FROM approval WHERE about_hash = ? AND nation = ?'),
    byId: db.prepare('SELECT * FROM approval WHERE id = ?'),
    due: db.prepare(
      `SELECT * FROM approval WHERE state = 'sent' AND (next_try_ms <= ? OR next_try_ms > ?) LIMIT ?`,
    ),
    retry: db.prepare('UPDATE approval SET next_try_ms = ?, attempts = ? WHERE id = ?'),
    end: db.prepare('UPDATE approval SET state = ?, code = ?, entry = ? WHERE id = ?'),
  };
  return Object.freeze({
    insert: ({ messageHash, role, entry, sinceMs, untilMs }: HoldRow): void =>
      void sql.insert.run(messageHash, role, wire.entry.encode(entry), sinceMs, untilMs, holderOf(entry)),
    /** Whether one more message that this nation holds is kept here. */
    hasRoom: (nation: string): boolean => Number(sql.waiting.get(nation)?.waiting) < MOST_HELD,
    /** What nobody here decided in its time goes; a word that was given stays, and what it is about. */
    forgetOver: (nowMs: number): void => void sql.over.run(nowMs),
    /** The words that were given until then, and what they are about. @returns how many there were */
    forgetDecided: (ms: number): number => {
      sql.overHolds.run(ms);
      return sql.overApprovals.run(ms).changes;
    },
    /** @param nation whose gate holds it; without it, that of whoever holds it last */
    find: (messageHash: Uint8Array, nation?: string): HoldRow | undefined =>
      toHold(nation === undefined ? sql.byHash.get(messageHash) : sql.byNation.get(messageHash, nation)),
    /** Each nation whose gate holds it for this member, or has. */
    holders: (messageHash: Uint8Array): string[] =>
      sql.byHash.all(messageHash).map(({ nation }) => String(nation)),
    list: (limit: number): HoldRow[] => sql.list.all(limit).flatMap((row) => toHold(row) ?? []),
    decide: (row: NewApproval): void => {
      const { aboutHash, nation, id, messageHash, envelope, createdMs, expiresMs } = row;
      const words = [row.decision, row.reason, row.justification] as const;
      sql.decide.run(aboutHash, nation, id, messageHash, envelope, ...words, createdMs, expiresMs, createdMs);
      sql.decided.run(aboutHash, nation);
    },
    /** @param nation whose gate it is for */
    decisionOn: (aboutHash: Uint8Array, nation: string): ApprovalRow | undefined =>
      toApproval(sql.about.get(aboutHash, nation)),
    findApproval: (id: string): ApprovalRow | undefined => toApproval(sql.byId.get(id)),
    dueApprovals: (nowMs: number, limit: number): ApprovalRow[] =>
      sql.due.all(nowMs, nowMs + LAST_RESEND_MS, limit).flatMap((row) => toApproval(row) ?? []),
    retryAt: (id: string, atMs: number, attempts: number): void => void sql.retry.run(atMs, attempts, id),
    end: (
      id: string,
      state: ApprovalRow['state'],
      code: string,
      entry: wire.EntryFrame | null = null,
    ): void => void sql.end.run(state, code, entry && wire.entry.encode(entry), id),
  });
}

/** What came before its nation was noted says it itself. */
function nameHolders(db: SqlDatabase): void {
  const unnamed = db.prepare(`SELECT message_hash, entry FROM hold WHERE nation = ''`).all();
  const name = ['hold SET nation = ? WHERE message_hash', 'approval SET nation = ? WHERE about_hash'].map(
    (of) => db.prepare(`UPDATE ${of} = ? AND nation = ''`),
  );
  db.transaction(() => {
    for (const { message_hash: hash, entry } of unnamed)
      for (const one of name) one.run(holderOf(wire.entry.decode(entry as Uint8Array)), hash as Uint8Array);
  });
}

/** Whose gate it is. */
function holderOf({ record }: wire.EntryFrame): string {
  return wire.record.decode(record).nation;
}

function toHold(row: SqlRow | undefined): HoldRow | undefined {
  if (!row) return undefined;
  return {
    messageHash: row.message_hash as Uint8Array,
    role: String(row.role),
    entry: wire.entry.decode(row.entry as Uint8Array),
    sinceMs: Number(row.since_ms),
    untilMs: Number(row.until_ms),
  };
}

function toApproval(row: SqlRow | undefined): ApprovalRow | undefined {
  if (!row) return undefined;
  return {
    aboutHash: row.about_hash as Uint8Array,
    nation: String(row.nation),
    id: String(row.id),
    messageHash: row.message_hash as Uint8Array,
    envelope: row.envelope as Uint8Array,
    decision: row.decision as Decision,
    reason: String(row.reason),
    justification: String(row.justification),
    state: row.state as ApprovalRow['state'],
    code: String(row.code),
    createdMs: Number(row.created_ms),
    expiresMs: Number(row.expires_ms),
    attempts: Number(row.attempts),
  };
}
