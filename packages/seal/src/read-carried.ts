import { wire } from '@entente/contract';
import { readUnverifiedHeader } from './read-header.js';

/**
 * The header of the message that came on a subject, as it was kept there: an envelope from a member, a crossing from another nation, a
 * delivery to a member. NOTHING in it is proved here.
 * @returns undefined if there is no message in it, or one that cannot be read
 */
export function readCarriedHeader(subject: string, bytes: Uint8Array): wire.HeaderFrame | undefined {
  try {
    const seal = envelopeIn(subject, bytes)?.seal;
    return seal && readUnverifiedHeader(seal);
  } catch {
    return undefined;
  }
}

function envelopeIn(subject: string, bytes: Uint8Array): wire.EnvelopeFrame | null | undefined {
  if (subject.startsWith('edge.in')) return wire.delivery.decode(bytes).passage?.envelope;
  return subject.startsWith('edge.')
    ? wire.envelope.decode(bytes)
    : wire.crossing.decode(bytes).passage?.envelope;
}
