import { wire } from '@entente/contract';
import { commitmentOf, readUnverifiedHeader } from '@entente/seal';
import type { OutboxRow } from './outbox-row.js';
import type { Edge } from './state.js';

/** A message of this edge with what it said and why it was sent, as far as that is here; or why nothing of it can be shown. */
export type Opening =
  | { readonly caseId: string; readonly messageId: string; readonly opened: wire.EvidenceMessageFrame }
  | { readonly caseId: string; readonly messageId: string; readonly why: 'erased' | 'unknown' };

type Committed = wire.BodyFrame | null;

/**
 * What stands behind the commitments of a message that this member sent or received, or of a statement of its own: what it said, and, of its
 * own, the justification that a person gave.
 * @param about whose hash, 32 bytes, decides: of what was sent, which has that id
 */
export function openCommitment(
  edge: Edge,
  { messageId, messageHash }: Pick<wire.StatementFrame['about'][number], 'messageId' | 'messageHash'>,
): Opening {
  const sent = edge.outbox.find(messageId);
  if (sent?.messageHash && Buffer.from(sent.messageHash).equals(messageHash)) return openSent(edge, sent);
  const received = edge.cases.find(messageHash);
  if (received) {
    const { envelope } = wire.passage.decode(received.passage);
    return open(envelope?.seal ?? new Uint8Array(), bodyOf(received.salt, received.content), null);
  }
  const justified = edge.justifications.find(messageHash);
  if (justified) return open(justified.seal, null, bodyOf(justified.salt, justified.text));
  return { caseId: '', messageId: '', why: 'unknown' };
}

function openSent(edge: Edge, { id, caseId, envelope, salt, submission, notes }: OutboxRow): Opening {
  if (envelope === null) return { caseId, messageId: id, why: 'erased' };
  // Sent before a restore: what stands here was sealed anew, and is not what that form said.
  const isOther = notes.some(({ kind }) => kind === 'sent-before');
  if (isOther) return { caseId, messageId: id, why: 'unknown' };
  const said = edge.justifications.findById(id);
  const content = bodyOf(salt, JSON.stringify(submission.content));
  return open(wire.envelope.decode(envelope).seal, content, said ? bodyOf(said.salt, said.text) : null);
}

function bodyOf(salt: Uint8Array | null, said: string | Uint8Array): Committed {
  return salt && { salt, content: Buffer.from(said) };
}

/** What is kept after an erasure is not what was sealed: it is not shown as if it were. */
function open(seal: Uint8Array, content: Committed, why: Committed): Opening {
  const header = readUnverifiedHeader(seal);
  const about = { caseId: header.caseId, messageId: header.id };
  const opened = isCommitted(header.contentCommitment, content) ? content : null;
  const justification = isCommitted(header.justificationCommitment, why) ? why : null;
  if (!opened && !justification) return { ...about, why: 'erased' };
  return { ...about, opened: { seal, entries: [], opened, justification } };
}

/** Whether this is what a sealed header commits to: by a commitment of 32 bytes, with a salt of 16. */
export function isCommitted(commitment: Uint8Array, opened: Committed): boolean {
  return (
    commitment.length === 32 &&
    opened?.salt.length === 16 &&
    Buffer.from(commitmentOf(opened.salt, opened.content)).equals(commitment)
  );
}
