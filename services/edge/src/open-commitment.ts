import { wire } from '@entente/contract';
import { commitmentOf, readUnverifiedHeader } from '@entente/seal';
import type { Edge } from './state.js';

/** A message of this edge with what it said, or why it cannot be shown. */
export type Opening =
  | { readonly caseId: string; readonly messageId: string; readonly opened: wire.EvidenceMessageFrame }
  | { readonly caseId: string; readonly messageId: string; readonly why: 'erased' | 'unknown' };

/**
 * What stands behind the commitment of a message that this member sent or received, or behind that of a justification that it gave.
 * @param messageHash 32 bytes
 */
export function openCommitment(edge: Edge, messageHash: Uint8Array): Opening {
  const sent = edge.outbox.findByHash(messageHash);
  if (sent && sent.envelope === null && sent.removedMs !== null)
    return { caseId: sent.caseId, messageId: sent.id, why: 'erased' };
  if (sent?.envelope) {
    const { seal } = wire.envelope.decode(sent.envelope);
    // Sent before a restore: what stands here was sealed anew, and is not what that form said.
    const isOther = sent.notes.some(({ kind }) => kind === 'sent-before');
    if (isOther) return { caseId: sent.caseId, messageId: sent.id, why: 'unknown' };
    return open(seal, sent.salt, Buffer.from(JSON.stringify(sent.submission.content)));
  }
  const received = edge.cases.find(messageHash);
  if (received) {
    const { envelope } = wire.passage.decode(received.passage);
    return open(envelope?.seal ?? new Uint8Array(), received.salt, Buffer.from(received.content));
  }
  const justified = edge.justifications.find(messageHash);
  if (justified) return open(justified.seal, justified.salt, justified.text);
  return { caseId: '', messageId: '', why: 'unknown' };
}

function open(seal: Uint8Array, salt: Uint8Array | null, content: Uint8Array): Opening {
  const header = readUnverifiedHeader(seal);
  const about = { caseId: header.caseId, messageId: header.id };
  // What is kept after an erasure is not what was sealed: it is not shown as if it were.
  if (salt === null || !isCommitted(header, salt, content)) return { ...about, why: 'erased' };
  return { ...about, opened: { seal, entries: [], opened: { salt, content } } };
}

/** Whether this is what the sealed header commits to: a content, or a justification. */
export function isCommitted(header: wire.HeaderFrame, salt: Uint8Array, content: Uint8Array): boolean {
  const commitment = header.statement?.justificationCommitment ?? header.contentCommitment;
  return (
    commitment.length === 32 &&
    salt.length === 16 &&
    Buffer.from(commitmentOf(salt, content)).equals(commitment)
  );
}
