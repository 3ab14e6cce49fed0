import { Rejection, type wire } from '@entente/contract';
import { checkBody, openSeal, type Sealed } from '@entente/seal';
import type { GateDeps } from './state.js';

/**
 * Who said it, and that this is what was said. Until this returns, nothing may be logged under the name that the message
 * claims, and nobody but the NATS user who handed it in is told.
 *
 * INVARIANT: the body is compared here, before anything is logged. Whoever carries a message can put another body beside its
 * seal; a refusal on record for that would be the first entry for the message, and stand in the way of the true one for ever.
 *
 * @param atMs when the seal was made, as far as it is proved: now, or the time of the first gate's entry
 * @throws Rejection those of `openSeal`, `sender-mismatch`, `body-mismatch`
 */
export async function authenticate(
  gate: GateDeps,
  { seal, body }: wire.EnvelopeFrame,
  atMs: number,
): Promise<Sealed> {
  const directory = gate.directory();
  const nowMs = gate.now();
  const sealed = await openSeal(seal, (kid) => directory.findKey(kid, atMs, nowMs));
  directory.checkSigner(sealed.kid, sealed.header.from, atMs, nowMs);
  checkBody(sealed, body);
  return sealed;
}

/** @throws Rejection `sender-mismatch` */
export function checkHandedInBy(sealed: Sealed, token: string, tokenOf: (member: string) => string): void {
  if (tokenOf(sealed.header.from) !== token) {
    throw new Rejection('sender-mismatch', 'the message was handed in by another member than its sender');
  }
}
