import type { SqlDatabase, SqlRow } from '@entente/runtime';
import { countOutbox } from './count-outbox.js';
import { dueOutbox } from './due-outbox.js';
import { eraseOutbox } from './erase-outbox.js';
import { firstLookMs } from './evidence-clocks.js';
import { FILED_UNDER, numbered, outboxContents } from './outbox-contents.js';
import {
  type CheckedSubmission,
  type Note,
  OUTBOX_ROWS,
  type OutboxRow,
  type Outcome,
  outcomeIn,
  toRow,
} from './outbox-row.js';

export interface NewOutboxRow {
  readonly id: string;
  readonly caseId: string;
  readonly submission: CheckedSubmission;
  readonly submissionJson: string;
  readonly submissionSha256: Uint8Array;
  readonly idempotencyKey: string | null;
  readonly category: string;
  readonly action: string;
  readonly updateWord: string;
  readonly notes: readonly Note[];
  readonly createdMs: number;
  readonly expiresMs: number;
  /** Sent ahead of all that is none. */
  readonly isEmergency: boolean;
  /** By when evidence of relay should be there, if it goes to another nation, and of delivery. */
  readonly relayDueMs: number;
  readonly deliveryDueMs: number;
  /** When the time for which it may be kept is over. */
  readonly eraseMs: number;
}

export interface SealedRow {
  readonly envelope: Uint8Array;
  readonly envelopeSha256: Uint8Array;
  readonly messageHash: Uint8Array;
  readonly salt: Uint8Array;
  /** As it was sealed; without it, as it was handed in. */
  readonly expiresMs?: number;
  readonly notes: readonly Note[];
  /** As it went: what the rules had left out is not kept here either. */
  readonly submission: CheckedSubmission;
}

export interface Standing
  extends Pick<OutboxRow, 'id' | 'to' | 'messageHash' | 'outcome' | 'updateWord' | 'createdMs'> {
  /** Seal and proofs are erased. */
  readonly isErased: boolean;
  /** The name by which its evidence is filed. */
  readonly filedUnder: string;
  /** How long after its delivery it has to be looked at for the first time; null: what it says tells. */
  readonly firstLookMs: number | null;
}

interface Ended {
  readonly outcome: Outcome;
  readonly code: string;
  readonly afterMs: number;
}

/** More of what is not urgent is not taken. */
export const MOST_WAITING = 10_000;

export type Outbox = ReturnType<typeof openOutbox>;

/** Every message of this member, from the moment its own system was told "accepted" until evidence ends it, and after. */
export function openOutbox(
  db: SqlDatabase,
  onOutcome: (end: Ended, standing: Standing) => void = () => undefined,
) {
  const contents = outboxContents(db);
  const sql = {
    insert: db.prepare(
      `INSERT INTO outbox (id, case_id, to_member, category, action, submission, notes, idempotency_key, submission_sha256,
         state, outcome, code, reason, created_ms, expires_ms, next_try_ms, attempts, in_reply_to, update_word,
         is_emergency, relay_due_ms, delivery_due_ms, erase_ms, number)
       VALUES (?, ?, ?, ?, ?, '', ?, ?, ?, 'draft', '', '', '', ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    byId: db.prepare(`${OUTBOX_ROWS} WHERE id = ?`),
    // Without submission and envelope: most of what is asked of a message does not need them.
    standing: db.prepare(
      `SELECT id, to_member, message_hash, state, outcome, update_word, created_ms, first_look_ms, ${FILED_UNDER} AS filed_under,
         removed_ms IS NOT NULL AND envelope IS NULL
           AND NOT EXISTS (SELECT 1 FROM sent_envelope WHERE sent_envelope.number = outbox.number) AS is_erased
       FROM outbox WHERE id = ?`,
    ),
    byKey: db.prepare('SELECT id, case_id, submission_sha256 FROM outbox WHERE idempotency_key = ?'),
    byEnvelope: db.prepare("SELECT id FROM outbox WHERE envelope_sha256 = ? AND state = 'sent'"),
    list: db.prepare(`${OUTBOX_ROWS} ORDER BY created_ms DESC LIMIT ?`),
    waitingUpTo: db.prepare(
      `SELECT count(*) AS waiting FROM (SELECT 1 FROM outbox WHERE state <> 'ended' LIMIT ?)`,
    ),
    useUp: db.prepare('UPDATE outbox SET is_used_up = ? WHERE id = ? AND is_used_up <> ?'),
    seal: db.prepare(
      `UPDATE outbox SET state = 'sent', envelope_sha256 = ?, message_hash = ?, salt = ?, notes = ?, first_look_ms = ?,
         expires_ms = coalesce(?, expires_ms), next_try_ms = ?, attempts = attempts + 1 WHERE id = ? AND state = 'draft'
       RETURNING id, number`,
    ),
    takeOver: db.prepare(
      `UPDATE outbox SET state = 'sent', outcome = '', code = '', reason = '', ended_ms = NULL, envelope_sha256 = ?,
         message_hash = ?, salt = NULL, notes = ?, expires_ms = coalesce(?, expires_ms), next_try_ms = ?, attempts = 0 WHERE id = ?
       RETURNING id, number`,
    ),
    sendSaid: db.prepare(
      `UPDATE outbox SET state = 'draft', code = '', reason = '', ended_ms = NULL, next_try_ms = ?
       WHERE case_id = (SELECT case_id FROM outbox WHERE id = ?) AND in_reply_to = ? AND state = 'ended' AND outcome = ''`,
    ),
    retry: db.prepare('UPDATE outbox SET next_try_ms = ?, attempts = coalesce(?, attempts) WHERE id = ?'),
    // One update, for each writes the whole row anew.
    end: db.prepare(
      `UPDATE outbox SET state = ?, outcome = ?, code = ?, reason = ?, ended_ms = ?, look_ms = coalesce(?, look_ms) WHERE id = ?`,
    ),
    putOff: db.prepare(
      'UPDATE outbox SET relay_due_ms = relay_due_ms + ?, delivery_due_ms = delivery_due_ms + ? WHERE id = ?',
    ),
    submission: db.prepare(
      `SELECT coalesce(json, outbox.submission) AS submission FROM outbox LEFT JOIN sent_submission USING (number) WHERE id = ?`,
    ),
    look: db.prepare('UPDATE outbox SET look_ms = ? WHERE id = ?'),
    dueLooks: db.prepare('SELECT id FROM outbox WHERE look_ms <= ? ORDER BY look_ms LIMIT ?'),
    hasCase: db.prepare('SELECT 1 FROM outbox WHERE case_id = ? LIMIT 1'),
    hasSent: db.prepare('SELECT 1 FROM outbox WHERE case_id = ? AND to_member = ? LIMIT 1'),
    byCase: db.prepare(`${OUTBOX_ROWS} WHERE case_id = ? ORDER BY created_ms`),
    said: db.prepare(`${OUTBOX_ROWS} WHERE case_id = ? AND in_reply_to = ? AND update_word <> ''`),
    isRecalled: db.prepare(
      `SELECT 1 FROM outbox WHERE case_id = ? AND in_reply_to = ? AND update_word = 'recall' AND outcome <> 'refused' LIMIT 1`,
    ),
  };
  /** So many more can wait at the least: counting thousands for each new one would cost more than keeping it. */
  let room = 0;
  return Object.freeze({
    insert: (row: NewOutboxRow): void => {
      room -= 1;
      const {
        id,
        caseId,
        submission,
        submissionJson,
        category,
        action,
        notes,
        idempotencyKey,
        submissionSha256,
        createdMs,
        expiresMs,
        updateWord,
      } = row;
      sql.insert.run(
        id,
        caseId,
        submission.to,
        category,
        action,
        JSON.stringify(notes),
        idempotencyKey,
        submissionSha256,
        createdMs,
        expiresMs,
        createdMs,
        submission.in_reply_to ?? '',
        updateWord,
        row.isEmergency ? 1 : 0,
        row.relayDueMs,
        row.deliveryDueMs,
        row.eraseMs,
        contents.insert(submissionJson),
      );
    },
    find: (id: string): OutboxRow | undefined => toRow(sql.byId.get(id)),
    submission: (id: string): CheckedSubmission | undefined => {
      const row = sql.submission.get(id);
      return row && (JSON.parse(String(row.submission)) as CheckedSubmission);
    },
    /** Where a message stands, without what it says. */
    standing: (id: string): Standing | undefined => toStanding(sql.standing.get(id)),
    findByKey: (key: string) => {
      const row = sql.byKey.get(key);
      return (
        row && {
          id: String(row.id),
          caseId: String(row.case_id),
          sha256: row.submission_sha256 as Uint8Array,
        }
      );
    },
    /** Of those that wait for an outcome. @returns its id */
    findByEnvelope: (sha256: Uint8Array): string | undefined => {
      const row = sql.byEnvelope.get(sha256);
      return row && String(row.id);
    },
    list: (limit: number): OutboxRow[] => sql.list.all(limit).flatMap((row) => toRow(row) ?? []),
    /**
     * From here on the message has one form: the resends are of these bytes. The first sending follows at once.
     * @returns false: it has one already
     */
    seal: (
      id: string,
      { envelope, envelopeSha256, messageHash, salt, notes, submission, expiresMs }: SealedRow,
      nextTryMs: number,
    ): boolean => {
      const said = [JSON.stringify(notes), firstLookMs(submission.content)] as const;
      const form = [envelopeSha256, messageHash, salt, ...said, expiresMs ?? null] as const;
      const row = numbered(sql.seal.get(...form, nextTryMs, id));
      if (!row) return false;
      contents.say(row, JSON.stringify(submission));
      contents.seal(row, envelope);
      return true;
    },
    /** Another form of it was sent, and is the message. What was said of this one is undone; its salt opens that one not. */
    takeOver: (id: string, form: Omit<SealedRow, 'salt' | 'submission'>, nextTryMs: number): void => {
      const { envelope, envelopeSha256, messageHash, notes, expiresMs = null } = form;
      const row = sql.takeOver.get(
        envelopeSha256,
        messageHash,
        JSON.stringify(notes),
        expiresMs,
        nextTryMs,
        id,
      );
      const taken = numbered(row);
      if (taken) contents.seal(taken, envelope);
      // It had left: what took it back, as if it had not, has to follow it.
      sql.sendSaid.run(nextTryMs, id, id);
    },
    /** Whether so many messages wait for an outcome. */
    isFull: (most: number): boolean => {
      if (room <= 0) room = most - Number(sql.waitingUpTo.get(most)?.waiting);
      return room <= 0;
    },
    ...countOutbox(db),
    ...dueOutbox(db),
    ...eraseOutbox(db, contents),
    markUsedUp: (id: string, isUsedUp: boolean): void =>
      void sql.useUp.run(isUsedUp ? 1 : 0, id, isUsedUp ? 1 : 0),
    /** @param attempts how often it was sent; without it, as it was */
    retryAt: (id: string, atMs: number, attempts?: number): void =>
      void sql.retry.run(atMs, attempts ?? null, id),
    conclude: (
      id: string,
      end: {
        readonly outcome: Outcome;
        readonly code: string;
        readonly reason: string;
        readonly atMs: number;
        /** When to look at it again; without it, as it was. */
        readonly lookMs?: number;
      },
      before = toStanding(sql.standing.get(id)),
    ): void => {
      const state = end.outcome === 'held' || end.outcome === '' ? 'sent' : 'ended';
      if (before && before.outcome !== end.outcome && end.outcome !== '')
        onOutcome({ outcome: end.outcome, code: end.code, afterMs: end.atMs - before.createdMs }, before);
      const endedMs = state === 'ended' ? end.atMs : null;
      const kept = end.outcome === 'recalled' ? '' : end.outcome;
      sql.end.run(state, kept, end.code, end.reason, endedMs, end.lookMs ?? null, id);
    },
    /** It was held for so long: its clocks stood still. */
    putOff: (id: string, ms: number): void => void sql.putOff.run(ms, ms, id),
    /** When to look at a message again that has arrived; null: there is nothing left to look for. */
    lookAt: (id: string, atMs: number | null): void => void sql.look.run(atMs, id),
    /** @returns their ids */
    dueLooks: (nowMs: number, limit: number): string[] =>
      sql.dueLooks.all(nowMs, limit).map((row) => String(row.id)),
    hasCase: (caseId: string): boolean => sql.hasCase.get(caseId) !== undefined,
    /** Whether anything of this case was handed in for that member. */
    hasSentTo: (caseId: string, member: string): boolean => sql.hasSent.get(caseId, member) !== undefined,
    inCase: (caseId: string): OutboxRow[] => sql.byCase.all(caseId).flatMap((row) => toRow(row) ?? []),
    /** The updates about one referral that this end has handed in. */
    saidOf: (caseId: string, id: string): OutboxRow[] =>
      sql.said.all(caseId, id).flatMap((row) => toRow(row) ?? []),
    /** Whether this end has taken that referral back, or is about to. */
    isRecalled: (caseId: string, id: string): boolean => sql.isRecalled.get(caseId, id) !== undefined,
  });
}

function toStanding(row: SqlRow | undefined): Standing | undefined {
  if (!row) return undefined;
  return {
    id: String(row.id),
    to: String(row.to_member),
    messageHash: row.message_hash as Uint8Array | null,
    outcome: outcomeIn(row),
    updateWord: String(row.update_word),
    createdMs: Number(row.created_ms),
    isErased: Number(row.is_erased) === 1,
    filedUnder: String(row.filed_under),
    firstLookMs: row.first_look_ms === null ? null : Number(row.first_look_ms),
  };
}
