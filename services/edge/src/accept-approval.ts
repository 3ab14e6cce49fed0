import { nationOf, Rejection, wire } from '@entente/contract';
import type { Sealed } from '@entente/seal';
import type { Edge } from './state.js';

/**
 * Somebody's word about a message of ours that a gate holds. It is noted; what follows, the gate's entry says. The message is sent
 * again at once, for a gate that has lost it.
 * @param raw the passage, encoded: kept for the auditor
 * @throws Rejection `statement-malformed`, `case-unknown`, `role-not-held`
 */
export function acceptApproval(edge: Edge, { header }: Sealed, raw: Uint8Array): void {
  const { from, fromRole, to, statement } = header;
  const about = statement?.about[0];
  if (!about) throw new Rejection('statement-malformed');
  const row = edge.outbox.find(about.messageId);
  if (!row?.messageHash || !Buffer.from(row.messageHash).equals(about.messageHash)) {
    throw new Rejection('case-unknown', 'an approval about a message that was not sent from here');
  }
  if (from === to || from === row.to || !isAwaited(edge, row.id, `${fromRole}@${nationOf(from)}`)) {
    throw new Rejection('role-not-held', 'no gate waits for the word of this member');
  }
  edge.evidence.file({
    messageId: row.id,
    evidence: statement.evidence === 'released' ? 'released' : 'not-released',
    source: from,
    atMs: statement.atMs,
    code: about.code,
    reason: `by ${from} as ${fromRole}: ${about.code}`,
    rules: [],
    raw,
  });
  if (edge.outbox.find(row.id)?.state === 'sent') edge.outbox.retryAt(row.id, edge.now());
}

function isAwaited(edge: Edge, messageId: string, approver: string): boolean {
  return edge.evidence
    .list(messageId)
    .filter(({ evidence }) => evidence === 'held')
    .some(({ raw }) => {
      const { record } = wire.entry.decode(raw);
      return wire.record.decode(record).verdict?.awaits.includes(approver);
    });
}
