import type { Content, Submission } from '@entente/contract';
import type { SqlRow } from '@entente/runtime';

export type Outcome = '' | 'delivered' | 'refused' | 'held' | 'expired' | 'recalled';

/** What became of a report on its way in: read by the sender. */
export interface Note {
  readonly kind: 'reduced' | 'evidence-hash-mismatch' | 'converted' | 'sent-before';
  readonly text: string;
}

/** What this member's own system has handed in, with its content checked. */
export interface CheckedSubmission extends Submission {
  readonly content: Content;
}

export interface OutboxRow {
  readonly id: string;
  readonly caseId: string;
  readonly to: string;
  readonly category: string;
  readonly action: string;
  readonly inReplyTo: string;
  /** What an update does; empty for a referral. */
  readonly updateWord: string;
  readonly submission: CheckedSubmission;
  readonly notes: readonly Note[];
  readonly state: 'draft' | 'sent' | 'ended';
  readonly outcome: Outcome;
  readonly code: string;
  readonly reason: string;
  readonly envelope: Uint8Array | null;
  readonly messageHash: Uint8Array | null;
  /** With it the sender can show what it said. */
  readonly salt: Uint8Array | null;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly attempts: number;
  readonly isEmergency: boolean;
  /** Somebody has said why, and that is here. */
  readonly isJustified: boolean;
  readonly endedMs: number | null;
  readonly relayDueMs: number;
  readonly deliveryDueMs: number;
  /** When the time for which it may be kept is over. */
  readonly eraseMs: number;
  /** When the content went because its time was over; null: it is here. */
  readonly removedMs: number | null;
}

/** SQL: rows for `toRow`, whichever place their contents have. */
export const OUTBOX_ROWS = `
  SELECT id, case_id, to_member, category, action, coalesce(sent_submission.json, outbox.submission) AS submission, notes, state, outcome,
    code, reason, coalesce(sent_envelope.envelope, outbox.envelope) AS envelope, message_hash, salt, created_ms, expires_ms, next_try_ms,
    attempts, is_emergency, ended_ms, in_reply_to, update_word, relay_due_ms, delivery_due_ms, erase_ms, removed_ms,
    EXISTS (SELECT 1 FROM justification WHERE justification.id = outbox.id) AS is_justified
  FROM outbox
    LEFT JOIN sent_submission ON sent_submission.number = outbox.number
    LEFT JOIN sent_envelope ON sent_envelope.number = outbox.number`;

export function toRow(row: SqlRow | undefined): OutboxRow | undefined {
  if (!row) return undefined;
  return {
    id: String(row.id),
    caseId: String(row.case_id),
    to: String(row.to_member),
    category: String(row.category),
    action: String(row.action),
    inReplyTo: String(row.in_reply_to),
    updateWord: String(row.update_word),
    submission: JSON.parse(String(row.submission)) as CheckedSubmission,
    notes: JSON.parse(String(row.notes)) as Note[],
    state: row.state as OutboxRow['state'],
    outcome: outcomeIn(row),
    code: String(row.code),
    reason: String(row.reason),
    envelope: row.envelope as Uint8Array | null,
    messageHash: row.message_hash as Uint8Array | null,
    salt: row.salt as Uint8Array | null,
    createdMs: Number(row.created_ms),
    expiresMs: Number(row.expires_ms),
    attempts: Number(row.attempts),
    isEmergency: Number(row.is_emergency) === 1,
    isJustified: Number(row.is_justified) === 1,
    endedMs: row.ended_ms === null ? null : Number(row.ended_ms),
    relayDueMs: Number(row.relay_due_ms),
    deliveryDueMs: Number(row.delivery_due_ms),
    eraseMs: Number(row.erase_ms),
    removedMs: row.removed_ms === null ? null : Number(row.removed_ms),
  };
}

/**
 * The table's own list of outcomes has no `recalled`, and to name one more every row would be written anew, gigabytes of them: there it
 * is an end without an outcome.
 */
export function outcomeIn({ state, outcome }: SqlRow): Outcome {
  return state === 'ended' && outcome === '' ? 'recalled' : (outcome as Outcome);
}
