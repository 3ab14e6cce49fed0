import { LIMITS, UNNAMED } from '@entente/contract';
import { sealReferral, sha256 } from '@entente/seal';
import type { SealedRow } from './outbox.js';
import type { OutboxRow } from './outbox-row.js';
import { noteOf, reduce } from './reduce.js';
import type { Edge } from './state.js';

/**
 * Turns a draft into the one form in which it will travel: reduced to what both nations' rules let pass, then sealed.
 * A refusal that no reduction cures does not stop it here: it goes to the gate, so that the refusal is on record.
 *
 * @throws Rejection `recipient-unknown`, `content-invalid` (when what is left is no report any more); BusError, ClockDiffers: try again
 */
export async function prepare(edge: Edge, row: OutboxRow): Promise<SealedRow> {
  const { content, facts, changes } = await reduce(edge, row);
  // The gate's answer has just said what its clock says.
  edge.clock.check();
  const recipient = edge.directory().encryptionKey(row.to, edge.now());
  const { submission } = row;
  const issuedAtMs = Math.min(row.createdMs, edge.now());
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
    expiresAtMs: Math.min(row.expiresMs, issuedAtMs + LIMITS.lifetimeMs),
    actor: submission.actor ?? UNNAMED,
  };
  const bytes = Buffer.from(JSON.stringify(content));
  const { envelope, messageHash, salt } = await sealReferral(draft, bytes, facts, {
    signer: edge.signer,
    recipient,
  });
  return {
    envelope,
    envelopeSha256: sha256(envelope),
    messageHash,
    salt,
    notes: [...row.notes, ...changes.map(noteOf)],
    submission: { ...submission, content },
  };
}
