import { computeFacts, type Facts, parseContent, Rejection, sameFacts, wire } from '@entente/contract';
import { openBody, type Sealed } from '@entente/seal';
import { sealEvidence } from './seal-evidence.js';
import type { Edge } from './state.js';

/**
 * Opens a referral, compares what it says with what was declared to the gates, and keeps it once.
 * @returns the sealed evidence of delivery
 * @throws Rejection those of `openBody` and `parseContent`, `facts-mismatch`, `id-reused`, `case-unknown`
 */
export async function acceptReferral(
  edge: Edge,
  sealed: Sealed,
  declared: Facts,
  envelope: wire.EnvelopeFrame,
  proofs: readonly wire.EntryFrame[],
): Promise<Uint8Array> {
  const { id, from, caseId } = sealed.header;
  const { content: bytes, salt } = await openBody(sealed, envelope.body, edge.decrypters);
  const content = parseContent(bytes);
  if (!sameFacts(computeFacts(content), declared)) {
    edge.logger.error(
      { id, from },
      'VIOLATION: the facts declared to the gates are not those of the content',
    );
    throw new Rejection('facts-mismatch');
  }
  checkCase(edge, sealed);
  const answer = await sealEvidence(edge, sealed, 'delivered');
  // A crash before this line delivers the message again; after it, the repeat finds the case and its evidence.
  edge.db.transaction(() => {
    if (edge.cases.find(sealed.messageHash)) return;
    if (edge.cases.hasId(from, id)) throw new Rejection('id-reused');
    edge.cases.insert({
      messageHash: sealed.messageHash,
      id,
      sender: from,
      caseId,
      category: content.category,
      action: content.action,
      content: Buffer.from(bytes).toString('utf8'),
      salt,
      passage: wire.passage.encode({ envelope, proofs }),
      answer,
      receivedMs: edge.now(),
    });
  });
  return edge.cases.find(sealed.messageHash)?.answer ?? answer;
}

/** A case is between two members: nobody enters another's case by naming its id. */
function checkCase(edge: Edge, { header }: Sealed): void {
  const { caseId, inReplyTo, from } = header;
  const sentTo = edge.outbox.inCase(caseId)[0]?.to;
  const receivedFrom = edge.cases.inCase(caseId)[0]?.sender;
  if ((sentTo ?? from) !== from || (receivedFrom ?? from) !== from) throw new Rejection('case-unknown');
  if (inReplyTo === '') return;
  const answered = edge.outbox.find(inReplyTo)?.to === from || edge.cases.hasId(from, inReplyTo);
  if (!answered) throw new Rejection('case-unknown', 'the message that it answers is not known here');
}
