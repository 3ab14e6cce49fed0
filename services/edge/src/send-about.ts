import type { wire } from '@entente/contract';
import type { Edge } from './state.js';

/**
 * Sends what is said of a message: of an emergency it goes both ways. Ahead a gate takes only what it knows to be of one, and a gate that
 * was started since knows of none.
 */
export async function sendAbout(
  edge: Pick<Edge, 'send' | 'sendAhead'>,
  { facts }: Pick<wire.HeaderFrame, 'facts'>,
  envelope: Uint8Array,
): Promise<void> {
  const isOfEmergency = facts?.urgency === 'emergency';
  const [ordinary] = await Promise.allSettled([
    edge.send(envelope),
    ...(isOfEmergency ? [edge.sendAhead(envelope)] : []),
  ]);
  // What is not taken ahead is said all the same.
  if (ordinary?.status === 'rejected') throw ordinary.reason;
}
