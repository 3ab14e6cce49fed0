import { Rejection, wire } from '@entente/contract';
import { checkHeader, openSeal, type Sealed } from '@entente/seal';
import { sealAbout } from './seal-evidence.js';
import type { Edge } from './state.js';

/** A message that is here. */
export type Answered = Pick<Sealed, 'header' | 'messageHash'>;

/**
 * The evidence that answers messages which came, or are asked about, once more: as it was sealed, so that nothing is said twice in different
 * words. What no gate takes any more would never arrive, and is sealed anew: its key is not used now, or it was sealed by a clock that was wrong.
 * @param find the messages that this one answer is kept with, from one sender in the same roles: read only where it is sealed anew
 * @param answer an Envelope, encoded
 * @throws ClockDiffers
 */
export async function answerAgain(
  edge: Edge,
  find: () => readonly Answered[],
  answer: Uint8Array,
): Promise<Uint8Array> {
  if (isStillTaken(edge, answer)) return answer;
  const messages = find();
  const [first] = messages;
  // Erased meanwhile: nobody is told anything new about it.
  if (!first) return answer;
  const { header, messageHash } = first;
  // Clocks run from that moment at both ends; it is not later than now. What came under one seal came at the same.
  const receivedMs = edge.cases.find(messageHash)?.receivedMs ?? edge.now();
  const { caseId, from, fromRole, toRole } = header;
  const between = { caseId, ownRole: toRole, other: from, otherRole: fromRole };
  const about = messages.map((one) => ({
    ...{ messageId: one.header.id, messageHash: one.messageHash, code: '' },
  }));
  const atMs = Math.min(receivedMs, edge.now());
  const { envelope } = await sealAbout(edge, between, 'delivered', about, undefined, atMs);
  await edge.commit(() => {
    for (const one of messages) edge.cases.answerWith(one.messageHash, envelope, atMs);
  });
  return envelope;
}

/** By what a gate looks at first, whatever its rules say. */
function isStillTaken(edge: Edge, answer: Uint8Array): boolean {
  const [directory, nowMs] = [edge.directory(), edge.now()];
  try {
    const { seal } = wire.envelope.decode(answer);
    const sealed = openSeal(seal, (kid) => directory.findKey(kid, nowMs, nowMs));
    checkHeader(sealed, { profile: edge.profile, nowMs });
    return true;
  } catch (error) {
    if (error instanceof Rejection) return false;
    throw error;
  }
}
