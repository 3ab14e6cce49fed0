import {
  computeFacts,
  type Facts,
  parseSealedContent,
  Rejection,
  sameFacts,
  type wire,
} from '@entente/contract';
import { openBody, type Sealed } from '@entente/seal';
import { checkUpdate } from './accept-update.js';
import { hasCase, isParty } from './has-case.js';
import type { Edge } from './state.js';

/**
 * Opens a referral or an update, compares what it says with what was declared to the gates, and keeps it once.
 * @returns the sealed evidence of delivery
 * @throws Rejection those of `openBody` and `parseSealedContent`, `facts-mismatch`, `id-reused`, `case-unknown`, `rate-exceeded`
 */
export async function acceptContent(
  edge: Edge,
  sealed: Sealed,
  declared: Facts,
  envelope: wire.EnvelopeFrame,
  proofs: readonly wire.EntryFrame[],
): Promise<Uint8Array> {
  const { content: bytes, salt } = await openBody(sealed, envelope.body, edge.decrypters);
  const content = parseSealedContent(bytes, sealed.header.schemaSha256);
  if (!sameFacts(computeFacts(content), declared)) {
    edge.logger.error(
      { id: sealed.header.id, from: sealed.header.from },
      'VIOLATION: the facts declared to the gates are not those of the content',
    );
    throw new Rejection('facts-mismatch');
  }
  checkCase(edge, sealed, content.update !== undefined);
  if (content.update !== undefined) checkUpdate(edge, sealed.header, content);
  const kept = await edge.arrivals.add({ sealed, envelope, proofs, content, bytes, salt });
  if ('failure' in kept) throw kept.failure;
  return kept.answer;
}

/** Nobody enters another's case by naming its id. */
function checkCase(edge: Edge, { header }: Sealed, isUpdate: boolean): void {
  const { caseId, inReplyTo, from } = header;
  // Of a referral that is looked at when it is kept, as is whom else this member hears of in this case.
  if (isUpdate && hasCase(edge, caseId) && !isParty(edge, caseId, from)) throw new Rejection('case-unknown');
  if (inReplyTo === '' || isUpdate) return;
  const answered = edge.outbox.standing(inReplyTo)?.to === from || edge.cases.hasId(from, inReplyTo);
  if (!answered) throw new Rejection('case-unknown', 'the message that it answers is not known here');
}
