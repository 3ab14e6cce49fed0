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
import type { InspectionResult, InspectionRow } from './inspection-store.js';
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
  const { result, content } =
    header.statement?.inspection === 'opened'
      ? compare(asked, await openOpened(sealed, body, edge.decrypters))
      : { result: about?.code as InspectionResult, content: '' };
  await edge.commit(() => {
    edge.inspections.end(asked.id, result, content, edge.now());
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
 * `no-match-content` also where it is no content at all.
 */
function compare(
  { messageHash: wanted }: InspectionRow,
  { seal, opened }: wire.EvidenceMessageFrame,
): { result: InspectionResult; content: string } {
  const content = Buffer.from(opened?.content ?? '').toString('utf8');
  if (!Buffer.from(messageHash(seal)).equals(wanted)) return { result: 'no-match-message', content };
  const header = readUnverifiedHeader(seal);
  if (!opened || !isCommitted(header, opened.salt, opened.content))
    return { result: 'no-match-content', content };
  // A justification is text, and nothing was declared of it.
  if (header.facts === null) return { result: 'match', content };
  try {
    const said = parseSealedContent(opened.content, header.schemaSha256);
    const facts = checkFacts(header.facts);
    // Of an older release than this one knows: what was declared cannot be computed again.
    if (!acceptedSchema(schemaNameOf(facts), header.schemaSha256)) return { result: 'match-sealed', content };
    const isSame = sameFacts(computeFacts(said), facts);
    return { result: isSame ? 'match' : 'no-match-facts', content };
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return { result: 'no-match-content', content };
  }
}
