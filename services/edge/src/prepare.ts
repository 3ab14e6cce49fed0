import { LIMITS, nationOf, UNNAMED } from '@entente/contract';
import { commitmentOf, sealReferral, sha256 } from '@entente/seal';
import type { SealedRow } from './outbox.js';
import type { CheckedSubmission, OutboxRow } from './outbox-row.js';
import { noteOf, type Reduced, reduce } from './reduce.js';
import type { Edge } from './state.js';
import { underLatest } from './under-latest.js';

const MINUTE_MS = 60_000;
/** The longest that a rule of the base packs holds anything for; a test compares. */
const LONGEST_HOLD_MINUTES = 48 * 60;

/**
 * Turns a draft into the one form in which it will travel: reduced to what both nations' rules let pass, then sealed.
 * A refusal that no reduction cures does not stop it here: it goes to the gate, so that the refusal is on record.
 *
 * @throws Rejection `recipient-unknown`, `content-invalid` (when what is left is no report any more); BusError, ClockDiffers: try again
 */
export async function prepare(edge: Edge, row: OutboxRow): Promise<SealedRow> {
  const isChecked = edge.checkedDrafts.has(row.id);
  const { content, bytes, facts, changes, verdicts } = await reduce(edge, row, isChecked);
  // The gate's answer has just said what its clock says.
  edge.clock.check();
  // A refusal ends the message, and its recipient may have come, or have another key, since this edge looked last.
  const recipient = await underLatest(edge, () => edge.directory().encryptionKey(row.to, edge.now()));
  const { submission } = row;
  const issuedAtMs = Math.min(row.createdMs, edge.now());
  const latestMs = row.expiresMs + announcedHoldMs(edge, submission, verdicts);
  const expiresAtMs = Math.min(latestMs, issuedAtMs + LIMITS.lifetimeMs);
  const draft = {
    profile: edge.profile,
    id: row.id,
    caseId: row.caseId,
    from: edge.member,
    fromRole: submission.from_role,
    to: row.to,
    toRole: submission.to_role,
    inReplyTo: submission.in_reply_to ?? '',
    // When the member's own system handed it in: the order of a case's updates is that of these times.
    // The clock may have been wrong then, and before anybody had said so.
    issuedAtMs,
    expiresAtMs,
    actor: submission.actor ?? UNNAMED,
    justificationCommitment: commitmentToWhy(edge, row),
  };
  const { envelope, messageHash, salt } = await sealReferral(draft, bytes, facts, {
    signer: edge.signer,
    recipient,
  });
  return {
    envelope,
    envelopeSha256: sha256(envelope),
    messageHash,
    salt,
    expiresMs: expiresAtMs,
    notes: [...row.notes, ...changes.map(noteOf)],
    submission: { ...submission, content },
  };
}

/** Empty where nobody has said why. Kept with its salt since it was handed in: each form of one message holds the same. */
function commitmentToWhy(edge: Edge, { id, isJustified }: OutboxRow): Uint8Array {
  const said = isJustified ? edge.justifications.findById(id) : undefined;
  return said ? commitmentOf(said.salt, said.text) : new Uint8Array();
}

/**
 * For how long the gates say that they may hold it, one after the other: a message must not expire while a court has it. Where the sender's
 * gate does not know the pack of the other nation, nobody can say that ahead, and that one may hold it as long as the base rules let.
 */
function announcedHoldMs(
  { member }: Edge,
  { expires_in_hours, to }: CheckedSubmission,
  verdicts: Reduced['verdicts'],
): number {
  // Who says how long it counts has decided, also for what is held.
  if (expires_in_hours !== undefined) return 0;
  const there = nationOf(to);
  const isUnknown = there !== nationOf(member) && !verdicts.some(({ nation }) => nation === there);
  const held = verdicts.map(({ verdict }) => (verdict?.decision === 'hold' ? verdict.holdMinutes : 0));
  return held.reduce((sum, minutes) => sum + minutes, isUnknown ? LONGEST_HOLD_MINUTES : 0) * MINUTE_MS;
}
