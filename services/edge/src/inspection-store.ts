import { type InspectReason, LIMITS } from '@entente/contract';
import type { SqlDatabase, SqlRow } from '@entente/runtime';

/** What an auditor has asked this edge to open, and what it was answered. */
export interface Answered {
  /** Of the message that was asked for. */
  readonly aboutHash: Uint8Array;
  /** An Envelope, encoded; null: what it opened is erased since, or was opened to another request as well. */
  readonly answer: Uint8Array | null;
}

/** After so long a request, issued ahead of this edge's clock, cannot be sent again, and its answer is over as well. */
const ANSWERED_MS = LIMITS.lifetimeMs + 2 * LIMITS.skewMs;

/** What came of an inspection; the texts are empty until it is answered, and after 30 days. */
export interface Shown {
  readonly result: InspectionResult;
  /** What the message said. */
  readonly content: string;
  /** Whether its sender's person has said why, as far as it was sealed; only the sender can open it. Empty where nothing is known. */
  readonly justified: '' | 'not-given' | 'not-opened' | 'opened';
  /** Why it was sent. */
  readonly justification: string;
}

/** What this member, as an auditor, has asked another edge for. */
export interface InspectionRow extends Shown {
  /** Of the request. */
  readonly id: string;
  readonly member: string;
  readonly caseId: string;
  readonly messageId: string;
  /** 32 bytes. */
  readonly messageHash: Uint8Array;
  readonly reason: InspectReason;
  readonly createdMs: number;
  readonly answeredMs: number | null;
}

/**
 * `match`: it is to the byte what was sealed, and what was declared to the gates follows from it; `match-sealed`: only the former is sure, as this
 * edge does not have the schema of that time. Those that begin with `no-` are violations; the last three say that what it said was not opened, but
 * for `erased` it may still be opened why it was sent.
 */
export type InspectionResult =
  | ''
  | 'match'
  | 'match-sealed'
  | 'no-match-content'
  | 'no-match-facts'
  | 'no-match-message'
  | 'no-match-justification'
  | 'erased'
  | 'unknown'
  | 'too-large';

export type InspectionStore = ReturnType<typeof openInspectionStore>;

export function openInspectionStore(db: SqlDatabase) {
  const sql = {
    answer: db.prepare(
      `INSERT INTO inspection_answer (request_hash, about_hash, answer, answered_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (request_hash) DO UPDATE SET answer = excluded.answer, answered_ms = excluded.answered_ms`,
    ),
    answered: db.prepare('SELECT about_hash, answer FROM inspection_answer WHERE request_hash = ?'),
    // What waits to be sent is read only where there is an answer: of most messages nobody asked to see any.
    unsend: db.prepare(
      `DELETE FROM statement WHERE id IN (
         SELECT id FROM inspection_answer CROSS JOIN statement ON envelope = answer WHERE about_hash = ?)`,
    ),
    forget: db.prepare('UPDATE inspection_answer SET answer = NULL WHERE about_hash = ?'),
    answersOver: db.prepare('DELETE FROM inspection_answer WHERE answered_ms < ?'),
    ask: db.prepare(
      `INSERT INTO inspection (id, member, case_id, message_id, message_hash, reason, result, content, created_ms)
       VALUES (?, ?, ?, ?, ?, ?, '', '', ?)`,
    ),
    find: db.prepare('SELECT * FROM inspection WHERE id = ?'),
    list: db.prepare('SELECT * FROM inspection ORDER BY created_ms DESC LIMIT ?'),
    end: db.prepare(
      'UPDATE inspection SET result = ?, content = ?, justified = ?, justification = ?, answered_ms = ? WHERE id = ?',
    ),
    contentTimes: db.prepare(
      `SELECT answered_ms FROM inspection INDEXED BY inspection_over
       WHERE (content <> '' OR justification <> '') AND answered_ms IS NOT NULL`,
    ),
    over: db.prepare(
      `SELECT * FROM inspection WHERE (content <> '' OR justification <> '') AND answered_ms < ? LIMIT ?`,
    ),
    remove: db.prepare(`UPDATE inspection SET content = '', justification = '' WHERE id = ?`),
  };
  const forget = (messageHash: Uint8Array): void => {
    sql.unsend.run(messageHash);
    sql.forget.run(messageHash);
  };
  return Object.freeze({
    /** Of each message only the newest answer is kept, and sent again: however often it is asked for, that is one copy of it. */
    answer: (requestHash: Uint8Array, { aboutHash, answer }: Answered, atMs: number): void => {
      forget(aboutHash);
      sql.answer.run(requestHash, aboutHash, answer, atMs);
    },
    answered: (requestHash: Uint8Array): Answered | undefined => {
      const row = sql.answered.get(requestHash);
      return row && { aboutHash: row.about_hash as Uint8Array, answer: row.answer as Uint8Array | null };
    },
    /** The message is erased: what was opened of it is not sent again. */
    forget,
    /** Which requests were answered, as long as one may come again. */
    forgetAnswered: (nowMs: number): void => void sql.answersOver.run(nowMs - ANSWERED_MS),
    ask: (row: Omit<InspectionRow, keyof Shown | 'answeredMs'>): void => {
      const { id, member, caseId, messageId, messageHash, reason, createdMs } = row;
      sql.ask.run(id, member, caseId, messageId, messageHash, reason, createdMs);
    },
    find: (id: string): InspectionRow | undefined => toRow(sql.find.get(id)),
    list: (limit: number): InspectionRow[] => sql.list.all(limit).flatMap((row) => toRow(row) ?? []),
    /** As bytes: another member has chosen it, and the auditor sees all of it. */
    end: (id: string, { result, content, justified, justification }: Shown, atMs: number): void =>
      void sql.end.run(result, asBytes(content), justified, asBytes(justification), atMs, id),
    /** When each of which a text is here was shown. */
    contentTimes: (): number[] => sql.contentTimes.all().map((row) => Number(row.answered_ms)),
    /** Those of which a text is here, and was shown before that time. */
    over: (ms: number, limit: number): InspectionRow[] =>
      sql.over.all(ms, limit).flatMap((row) => toRow(row) ?? []),
    /** The result stays. */
    removeContent: (id: string): void => void sql.remove.run(id),
  });
}

/** Empty text stays what an index leaves out. */
function asBytes(text: string): Uint8Array | string {
  return text === '' ? '' : Buffer.from(text);
}

function toRow(row: SqlRow | undefined): InspectionRow | undefined {
  if (!row) return undefined;
  return {
    id: String(row.id),
    member: String(row.member),
    caseId: String(row.case_id),
    messageId: String(row.message_id),
    messageHash: row.message_hash as Uint8Array,
    reason: row.reason as InspectReason,
    result: row.result as InspectionResult,
    content: Buffer.from(row.content as Uint8Array | string).toString('utf8'),
    justified: row.justified as InspectionRow['justified'],
    justification: Buffer.from(row.justification as Uint8Array | string).toString('utf8'),
    createdMs: Number(row.created_ms),
    answeredMs: row.answered_ms === null ? null : Number(row.answered_ms),
  };
}
