import type { SqlDatabase, SqlRow } from '@entente/runtime';
import { openRefusals } from './refusals.js';
import { goesWithItsReferral } from './with-its-referral.js';

export interface ReceivedRow {
  readonly messageHash: Uint8Array;
  readonly id: string;
  readonly sender: string;
  readonly caseId: string;
  readonly category: string;
  readonly action: string;
  /** JSON, as it was sealed. */
  readonly content: string;
  /** 16 bytes; null where it came before salts were kept. */
  readonly salt: Uint8Array | null;
  /** A Passage, encoded: the envelope and the proofs it came with. */
  readonly passage: Uint8Array;
  /** The sealed evidence that answers it, an Envelope, encoded; sent again with each repeat. */
  readonly answer: Uint8Array;
  readonly receivedMs: number;
  readonly inReplyTo: string;
  /** What an update does; empty for a referral. */
  readonly updateWord: string;
  /** By the sender's clock, as it was sealed. */
  readonly issuedMs: number;
  /** When the time for which it may be kept is over. */
  readonly eraseMs: number;
  /** When a person first opened it; null: nobody has. */
  readonly openedMs: number | null;
  /** When the content went, because its sender took it back or its time was over; then `content` says no more than what it was about. */
  readonly removedMs: number | null;
}

/** What a message says, without what proves it. */
export type SaidRow = Omit<ReceivedRow, 'salt' | 'passage' | 'answer'>;

/** What a list shows of it. */
export type Listed = Omit<SaidRow, 'content'>;

export type NewReceived = Omit<ReceivedRow, 'openedMs' | 'removedMs' | 'answer'> & {
  /** Or the number of one that it shares with others. */
  readonly answer: Uint8Array | number;
};

/** One referral of a case, and who has sent it, or sends what is said of it. */
export interface AboutReferral {
  readonly caseId: string;
  readonly sender: string;
  /** The referral's message. */
  readonly id: string;
}

/** How full a case is. */
export const AMOUNT =
  'SELECT count(*) AS messages, total(size) AS bytes FROM received WHERE case_id = ? AND sender = ?';

/** SQL: what answers a message, wherever it stands. */
const ANSWER = 'coalesce(shared_answer.answer, received.answer) AS answer';
const WITH_ANSWER = 'received LEFT JOIN shared_answer ON shared_answer.number = received.answer_number';
/** SQL: rows for `toRow`. */
const ROWS = `
  SELECT message_hash, id, sender, case_id, category, action, content, salt, passage, ${ANSWER}, received_ms, in_reply_to, update_word,
    issued_ms, opened_ms, removed_ms, erase_ms
  FROM ${WITH_ANSWER}`;
/** In the place of an answer that is shared. */
const NONE = new Uint8Array();

export type CaseStore = ReturnType<typeof openCaseStore>;

/** What this member received: once, however often it arrives. */
export function openCaseStore(db: SqlDatabase) {
  const sql = {
    insert: db.prepare(
      `INSERT INTO received (message_hash, id, sender, case_id, category, action, content, salt, passage, answer, received_ms,
         in_reply_to, update_word, issued_ms, erase_ms, size, answer_number)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    open: db.prepare('UPDATE received SET opened_ms = ? WHERE message_hash = ? AND opened_ms IS NULL'),
    remove: db.prepare(
      'UPDATE received SET content = ?, salt = NULL, passage = ?, size = ?, removed_ms = ? WHERE message_hash = ?',
    ),
    answerWith: db.prepare(
      'UPDATE received SET answer = ?, answer_number = NULL, received_ms = ? WHERE message_hash = ?',
    ),
    share: db.prepare('INSERT INTO shared_answer (answer) VALUES (?) RETURNING number'),
    shared: db.prepare('SELECT answer_number FROM received WHERE message_hash = ?'),
    unshare: db.prepare(
      'DELETE FROM shared_answer WHERE number = ? AND NOT EXISTS (SELECT 1 FROM received WHERE answer_number = shared_answer.number)',
    ),
    removeSeal: db.prepare('UPDATE received SET passage = ?, size = ? WHERE message_hash = ?'),
    drop: db.prepare('DELETE FROM received WHERE message_hash = ?'),
    removed: db.prepare(
      `${ROWS} WHERE removed_ms <= ? AND ${goesWithItsReferral('received')}
         AND case_id NOT IN (SELECT case_id FROM legal_hold) ORDER BY removed_ms LIMIT ?`,
    ),
    byHash: db.prepare(`${ROWS} WHERE message_hash = ?`),
    bySender: db.prepare('SELECT message_hash FROM received WHERE sender = ? AND id = ?'),
    byId: db.prepare(`${ROWS} WHERE sender = ? AND id = ?`),
    said: db.prepare(
      `SELECT message_hash, id, sender, case_id, category, action, content, received_ms, in_reply_to, update_word, issued_ms,
         erase_ms, opened_ms, removed_ms
       FROM received WHERE case_id = ? AND sender = ? AND in_reply_to = ? AND update_word <> '' ORDER BY received_ms`,
    ),
    amount: db.prepare(AMOUNT),
    recalled: db.prepare(
      "SELECT DISTINCT sender, in_reply_to FROM received WHERE case_id = ? AND update_word = 'recall'",
    ),
    isRecalled: db.prepare(
      "SELECT 1 FROM received WHERE case_id = ? AND sender = ? AND in_reply_to = ? AND update_word = 'recall' LIMIT 1",
    ),
    byCase: db.prepare(`${ROWS} WHERE case_id = ? ORDER BY received_ms`),
    answer: db.prepare(`SELECT sender, ${ANSWER} FROM ${WITH_ANSWER} WHERE message_hash = ?`),
    // Ids stand before the contents of a row: of those nothing is read.
    caseOf: db.prepare(
      `SELECT case_id FROM (SELECT id, case_id FROM received ORDER BY received_ms DESC LIMIT 1000) WHERE id = ?`,
    ),
    hasCase: db.prepare('SELECT 1 FROM received WHERE case_id = ? LIMIT 1'),
    hasFrom: db.prepare('SELECT 1 FROM received WHERE case_id = ? AND sender = ? LIMIT 1'),
    // Without what they say: of the largest there are, a page would be some hundred megabytes.
    list: db.prepare(
      `SELECT message_hash, id, sender, case_id, category, action, '' AS content, received_ms, in_reply_to, update_word, issued_ms,
         erase_ms, opened_ms, removed_ms
       FROM received ORDER BY received_ms DESC LIMIT ?`,
    ),
    over: db.prepare(
      `${ROWS} WHERE removed_ms IS NULL AND erase_ms <= ?
         AND case_id NOT IN (SELECT case_id FROM legal_hold) ORDER BY erase_ms LIMIT ?`,
    ),
  };
  /** What it shares with others stays for as long as one of them does. */
  const unshared = (messageHash: Uint8Array, change: () => void): void => {
    const shared = sql.shared.get(messageHash)?.answer_number ?? null;
    change();
    if (shared !== null) sql.unshare.run(shared);
  };
  const answered = (messageHash: Uint8Array) => {
    const row = sql.answer.get(messageHash);
    return row && { sender: String(row.sender), answer: row.answer as Uint8Array };
  };
  return Object.freeze({
    ...openRefusals(db),
    insert: (row: NewReceived): void => {
      const { messageHash, id, sender, caseId, category, action, content, salt } = row;
      const { passage, answer, receivedMs, inReplyTo, updateWord, issuedMs, eraseMs } = row;
      const about = [messageHash, id, sender, caseId, category, action] as const;
      const update = [inReplyTo, updateWord, issuedMs, eraseMs] as const;
      const [own, shared] = typeof answer === 'number' ? [NONE, answer] : [answer, null];
      sql.insert.run(...about, content, salt, passage, own, receivedMs, ...update, passage.length, shared);
    },
    /** Keeps once what answers many messages. @returns its number, for `insert` */
    shareAnswer: (answer: Uint8Array): number => Number(sql.share.get(answer)?.number),
    open: (messageHash: Uint8Array, atMs: number): void => void sql.open.run(atMs, messageHash),
    /** Whose time is over, and of no case on legal hold. */
    over: (nowMs: number, limit: number): ReceivedRow[] =>
      sql.over.all(nowMs, limit).flatMap((row) => toRow(row) ?? []),
    /** The content goes; seal and proofs, which say that there was one, stay. */
    removeContent: (messageHash: Uint8Array, left: string, passage: Uint8Array, atMs: number): void =>
      void sql.remove.run(left, passage, passage.length, atMs, messageHash),
    /** After its content. @param passage what is left of it */
    removeSeal: (messageHash: Uint8Array, passage: Uint8Array): void =>
      void sql.removeSeal.run(passage, passage.length, messageHash),
    /** Whose content went until then, and of no case on legal hold. */
    removed: (ms: number, limit: number): ReceivedRow[] =>
      sql.removed.all(ms, limit).flatMap((row) => toRow(row) ?? []),
    /** @param atMs the moment that the evidence names */
    answerWith: (messageHash: Uint8Array, answer: Uint8Array, atMs: number): void =>
      unshared(messageHash, () => sql.answerWith.run(answer, atMs, messageHash)),
    drop: (messageHash: Uint8Array): void => unshared(messageHash, () => sql.drop.run(messageHash)),
    find: (messageHash: Uint8Array): ReceivedRow | undefined => toRow(sql.byHash.get(messageHash)),
    /** Whose a message is, and the sealed evidence that answers it; undefined: it is not here. */
    answered,
    answerTo: (messageHash: Uint8Array): Uint8Array | undefined => answered(messageHash)?.answer,
    /** The case of one of the newest messages, by whomever. */
    caseOf: (id: string): string | undefined => sql.caseOf.get(id)?.case_id as string | undefined,
    hasCase: (caseId: string): boolean => sql.hasCase.get(caseId) !== undefined,
    /** Whether anything of this case came from that member. */
    hasFrom: (caseId: string, sender: string): boolean => sql.hasFrom.get(caseId, sender) !== undefined,
    /** How much one sender has said in a case: messages, and bytes of their envelopes and proofs. */
    amountOf: (caseId: string, sender: string) => {
      const row = sql.amount.get(caseId, sender);
      return { messages: Number(row?.messages), bytes: Number(row?.bytes) };
    },
    /** The referrals of a case that their sender took back, as it says: whether it could, all that was said of each decides. */
    recalled: (caseId: string): AboutReferral[] =>
      sql.recalled
        .all(caseId)
        .map((row) => ({ caseId, sender: String(row.sender), id: String(row.in_reply_to) })),
    isRecalled: ({ caseId, sender, id }: AboutReferral): boolean =>
      sql.isRecalled.get(caseId, sender, id) !== undefined,
    /** The updates about one referral that its other end sent. */
    saidOf: ({ caseId, sender, id }: AboutReferral): SaidRow[] =>
      sql.said.all(caseId, sender, id).map(toSaid),
    byId: (sender: string, id: string): ReceivedRow | undefined => toRow(sql.byId.get(sender, id)),
    hasId: (sender: string, id: string): boolean => sql.bySender.get(sender, id) !== undefined,
    inCase: (caseId: string): ReceivedRow[] => sql.byCase.all(caseId).flatMap((row) => toRow(row) ?? []),
    /** Newest first, without their contents. */
    list: (limit: number): Listed[] => sql.list.all(limit).map(toSaid),
  });
}

function toRow(row: SqlRow | undefined): ReceivedRow | undefined {
  if (!row) return undefined;
  return {
    ...toSaid(row),
    salt: row.salt as Uint8Array | null,
    passage: row.passage as Uint8Array,
    answer: row.answer as Uint8Array,
  };
}

function toSaid(row: SqlRow): SaidRow {
  return {
    messageHash: row.message_hash as Uint8Array,
    id: String(row.id),
    sender: String(row.sender),
    caseId: String(row.case_id),
    category: String(row.category),
    action: String(row.action),
    content: String(row.content),
    receivedMs: Number(row.received_ms),
    inReplyTo: String(row.in_reply_to),
    updateWord: String(row.update_word),
    issuedMs: Number(row.issued_ms),
    eraseMs: Number(row.erase_ms),
    openedMs: row.opened_ms === null ? null : Number(row.opened_ms),
    removedMs: row.removed_ms === null ? null : Number(row.removed_ms),
  };
}
