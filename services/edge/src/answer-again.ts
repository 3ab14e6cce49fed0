import { Rejection, wire } from '@entente/contract';
import { checkHeader, openSeal, type Sealed } from '@entente/seal';
import { sealEvidence } from './seal-evidence.js';
import type { Edge } from './state.js';

/**
 * The evidence that answers a message which came once more: as it was sealed, so that nothing is said twice in different words. What no gate
 * takes any more would never arrive, and is sealed anew: its key is not used now, or it was sealed by a clock that was wrong.
 * @param answer an Envelope, encoded
 * @throws ClockDiffers
 */
export async function answerAgain(edge: Edge, sealed: Sealed, answer: Uint8Array): Promise<Uint8Array> {
  if (isStillTaken(edge, answer)) return answer;
  // Clocks run from that moment at both ends; it is not later than now.
  const receivedMs = edge.cases.find(sealed.messageHash)?.receivedMs ?? edge.now();
  const { envelope, atMs } = await sealEvidence(edge, sealed, 'delivered', {
    atMs: Math.min(receivedMs, edge.now()),
  });
  await edge.commit(() => edge.cases.answerWith(sealed.messageHash, envelope, atMs));
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
