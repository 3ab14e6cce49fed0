import {
  acceptedSchema,
  checkFacts,
  computeFacts,
  parseSealedContent,
  Rejection,
  sameFacts,
  schemaNameOf,
  type wire,
} from '@entente/contract';
import { messageHash, openOpened, readUnverifiedHeader, type Sealed } from '@entente/seal';
import type { InspectionResult, InspectionRow, Shown } from './inspection-store.js';
import { isCommitted } from './open-commitment.js';
import type { Edge } from './state.js';

/**
 * Another edge's answer to an inspection of this auditor. What it shows is believed as far as the seal that stands in the log binds it.
 * @throws Rejection `case-unknown`, those of `openOpened`
 */
export async function acceptOpened(edge: Edge, sealed: Sealed, body: Uint8Array): Promise<void> {
  const { header } = sealed;
  const asked = edge.inspections.find(header.inReplyTo);
  const about = header.statement?.about[0];
  const isAnswer =
    asked?.member === header.from && Buffer.from(about?.messageHash ?? '').equals(asked.messageHash);
  if (!asked || !isAnswer) throw new Rejection('case-unknown', 'nobody here has asked for this');
  // The first answer counts.
  if (asked.result !== '') return;
  const shown =
    header.statement?.inspection === 'opened'
      ? compare(asked, await openOpened(sealed, body, edge.decrypters))
      : { result: about?.code as InspectionResult, content: '', justified: '' as const, justification: '' };
  const { result } = shown;
  await edge.commit(() => {
    edge.inspections.end(asked.id, shown, edge.now());
    edge.requests.end(asked.id, 'answered');
  });
  if (result.startsWith('no-match'))
    edge.logger.error(
      { id: asked.id, member: asked.member, result },
      'VIOLATION: what was opened is not what was sealed, or not what was declared to the gates',
    );
}

/**
 * The message hash is of the log's own entry, so that the seal is the one whose signature the audit of that log has checked.
 */
function compare({ messageHash: wanted }: InspectionRow, frame: wire.EvidenceMessageFrame): Shown {
  const { seal, opened, justification } = frame;
  const words = { content: textIn(opened), justification: textIn(justification) };
  if (!Buffer.from(messageHash(seal)).equals(wanted))
    return { ...words, result: 'no-match-message', justified: '' };
  const header = readUnverifiedHeader(seal);
  const result = compareContent(header, frame);
  const isWhy = justification === null || isCommitted(header.justificationCommitment, justification);
  return {
    ...words,
    result: isWhy || result.startsWith('no-match') ? result : 'no-match-justification',
    justified: justification
      ? 'opened'
      : header.justificationCommitment.length > 0
        ? 'not-opened'
        : 'not-given',
  };
}

/** `no-match-content` also where it is no content at all, or nothing was opened. */
function compareContent(
  header: wire.HeaderFrame,
  { opened, justification }: wire.EvidenceMessageFrame,
): InspectionResult {
  // Of a statement there is nothing else: nothing was declared of a justification.
  if (header.facts === null) return justification && !opened ? 'match' : 'no-match-content';
  // What it said may be erased before why it was sent.
  if (!opened) return justification ? 'erased' : 'no-match-content';
  if (!isCommitted(header.contentCommitment, opened)) return 'no-match-content';
  try {
    const said = parseSealedContent(opened.content, header.schemaSha256);
    const facts = checkFacts(header.facts);
    // Of an older release than this one knows: what was declared cannot be computed again.
    if (!acceptedSchema(schemaNameOf(facts), header.schemaSha256)) return 'match-sealed';
    return sameFacts(computeFacts(said), facts) ? 'match' : 'no-match-facts';
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return 'no-match-content';
  }
}

function textIn(body: wire.BodyFrame | null): string {
  return Buffer.from(body?.content ?? '').toString('utf8');
}
