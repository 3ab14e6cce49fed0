import { type Evidence, Rejection, rejectionWords } from '@entente/contract';
import type { Sealed } from '@entente/seal';
import type { Edge } from './state.js';

const FROM_EDGES: readonly string[] = [
  'delivered',
  'not-delivered',
  'retrieved',
  'not-retrieved',
] satisfies Evidence[];

/**
 * Another edge's sealed evidence about our messages. It counts only for messages that were sent to that very member.
 * @param raw the passage, encoded: kept for the auditor
 * @throws Rejection `statement-malformed`, `case-unknown`
 */
export function acceptStatement(edge: Edge, { header }: Sealed, raw: Uint8Array): void {
  const { statement, from } = header;
  if (!statement || !FROM_EDGES.includes(statement.evidence)) throw new Rejection('statement-malformed');
  for (const { messageId, messageHash, code } of statement.about) {
    const row = edge.outbox.find(messageId);
    const isOurs =
      row?.to === from && row.messageHash !== null && Buffer.from(row.messageHash).equals(messageHash);
    if (!isOurs)
      throw new Rejection('case-unknown', 'evidence about a message that was not sent to this member');
    edge.evidence.file({
      messageId,
      evidence: statement.evidence as Evidence,
      source: from,
      atMs: statement.atMs,
      code,
      reason: code === '' ? '' : rejectionWords(code),
      rules: [],
      raw,
    });
  }
}
