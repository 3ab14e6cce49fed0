import { Rejection, subjects, type wire } from '@entente/contract';
import { checkInspector } from '@entente/members';
import type { Sealed } from '@entente/seal';
import { acceptOpened } from './accept-opened.js';
import { type Opening, openCommitment } from './open-commitment.js';
import { sealAnswer } from './seal-answer.js';
import { type Edge, TIMEOUT_MS } from './state.js';

/**
 * An auditor asks for a message to be opened, or another edge opens what this auditor has asked for. What an auditor controls is which
 * message it names; who it is, the directory says, here once more than at the gate.
 * @throws Rejection `inspect-not-allowed`, `statement-malformed`, and those of `acceptOpened`
 */
export async function acceptInspection(
  edge: Edge,
  sealed: Sealed,
  envelope: wire.EnvelopeFrame,
): Promise<void> {
  checkInspector(edge.directory(), sealed.header, edge.now());
  if (sealed.header.statement?.inspection !== 'asked') return await acceptOpened(edge, sealed, envelope.body);
  const known = edge.inspections.answered(sealed.messageHash);
  // The same request again is the same inspection, and gets the same answer while there is one.
  if (known?.answer) return await send(edge, known.answer);
  const about = sealed.header.statement.about[0];
  if (!about) throw new Rejection('statement-malformed');
  while (!(await answerOnce(edge, sealed, about)));
}

/**
 * INVARIANT: nothing is opened to an auditor that the member's own log does not name, in the same transaction; and nothing that is erased
 * at that moment, which would come back with the answer.
 * @returns false: it was erased while the answer was sealed, and that is the answer now
 */
async function answerOnce(
  edge: Edge,
  sealed: Sealed,
  about: wire.StatementFrame['about'][number],
): Promise<boolean> {
  const opening = openCommitment(edge, about);
  const answer = await sealAnswer(edge, sealed, opening);
  return await edge.commit(() => {
    const known = edge.inspections.answered(sealed.messageHash);
    if (known?.answer) return true;
    if (!isStillThere(opening, openCommitment(edge, about))) return false;
    const nowMs = edge.now();
    // Once for each request, however often it has to be answered anew.
    if (!known) edge.access.add(entryOf(edge, sealed.header, about, opening, answer.said));
    const kept = { aboutHash: about.messageHash, answer: answer.envelope };
    edge.inspections.answer(sealed.messageHash, kept, nowMs);
    edge.statements.insert(answer.id, answer.envelope, nowMs);
    return true;
  });
}

/** What it said and why it was sent each go by themselves, and come back with nothing. */
function isStillThere(then: Opening, now: Opening): boolean {
  if (!('opened' in then)) return true;
  if (!('opened' in now)) return false;
  const isLost = (part: 'opened' | 'justification') =>
    then.opened[part] !== null && now.opened[part] === null;
  return !isLost('opened') && !isLost('justification');
}

function entryOf(
  edge: Edge,
  header: wire.HeaderFrame,
  about: wire.StatementFrame['about'][number],
  opening: Opening,
  said: string,
) {
  return {
    at_ms: edge.now(),
    actor: `${header.from}/${header.actor}`,
    what: 'inspect' as const,
    // As this edge knows the message, and not as it was named.
    case_id: opening.caseId,
    message_id: opening.messageId,
    justification: about.code,
    detail: said,
  };
}

async function send(edge: Edge, envelope: Uint8Array): Promise<void> {
  await edge.bus.publish(subjects.out(edge.member), envelope, { timeoutMs: TIMEOUT_MS });
}
