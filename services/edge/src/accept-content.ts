import { computeFacts, type Facts, parseContent, Rejection, sameFacts, wire } from '@entente/contract';
import { openBody, type Sealed } from '@entente/seal';
import { checkUpdate, removeRecalled } from './accept-update.js';
import { sealEvidence } from './seal-evidence.js';
import type { Edge } from './state.js';

const DAY_MS = 86_400_000;

/**
 * Opens a referral or an update, compares what it says with what was declared to the gates, and keeps it once.
 * @returns the sealed evidence of delivery
 * @throws Rejection those of `openBody` and `parseContent`, `facts-mismatch`, `id-reused`, `case-unknown`
 */
export async function acceptContent(
  edge: Edge,
  sealed: Sealed,
  declared: Facts,
  envelope: wire.EnvelopeFrame,
  proofs: readonly wire.EntryFrame[],
): Promise<Uint8Array> {
  const { id, from, caseId, inReplyTo, issuedAtMs } = sealed.header;
  const { content: bytes, salt } = await openBody(sealed, envelope.body, edge.decrypters);
  const content = parseContent(bytes);
  if (!sameFacts(computeFacts(content), declared)) {
    edge.logger.error(
      { id, from },
      'VIOLATION: the facts declared to the gates are not those of the content',
    );
    throw new Rejection('facts-mismatch');
  }
  checkCase(edge, sealed, content.update !== undefined);
  if (content.update !== undefined) checkUpdate(edge, sealed.header, content);
  const { envelope: answer, atMs } = await sealEvidence(edge, sealed, 'delivered');
  // A crash before this line delivers the message again; after it, the repeat finds the case and its evidence.
  await edge.commit(() => {
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
      // The moment that the evidence names: the clocks that run from delivery end at the same time at both ends.
      receivedMs: atMs,
      inReplyTo,
      updateWord: content.update ?? '',
      issuedMs: issuedAtMs,
      eraseMs: atMs + content.retention_days * DAY_MS,
    });
    // In the same transaction: a copy that has to go is never seen between two crashes.
    removeRecalled(edge, caseId);
  });
  edge.meter.received(content.category, content.update ?? '');
  return edge.cases.find(sealed.messageHash)?.answer ?? answer;
}

/** A case is between two members: nobody enters another's case by naming its id. */
function checkCase(edge: Edge, { header }: Sealed, isUpdate: boolean): void {
  const { caseId, inReplyTo, from } = header;
  const sentTo = edge.outbox.inCase(caseId)[0]?.to;
  const receivedFrom = edge.cases.inCase(caseId)[0]?.sender;
  if ((sentTo ?? from) !== from || (receivedFrom ?? from) !== from) throw new Rejection('case-unknown');
  if (inReplyTo === '' || isUpdate) return;
  const answered = edge.outbox.find(inReplyTo)?.to === from || edge.cases.hasId(from, inReplyTo);
  if (!answered) throw new Rejection('case-unknown', 'the message that it answers is not known here');
}
