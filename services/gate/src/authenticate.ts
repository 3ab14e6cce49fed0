import { checkPassage } from '@entente/audit';
import { memberToken, nationOf, Rejection, tokenIn, type wire } from '@entente/contract';
import { checkBody, isSealAlone, messageHash, openStepwise, type Sealed } from '@entente/seal';
import { rememberOwn } from './own-seals.js';
import type { GateDeps } from './state.js';

/**
 * Who said it, and that this is what was said. Until this returns, nothing may be logged under the name that the message
 * claims, and nobody but the NATS user who handed it in is told.
 *
 * INVARIANT: the body is compared here, before anything is logged. Whoever carries a message can put another body beside its
 * seal; a refusal on record for that would be the first entry for the message, and stand in the way of the true one for ever. Where
 * only the seal of a content came (`isSealAlone`), no first entry may be made for it.
 *
 * @param atMs when the seal was made, as far as it is proved: now, or the time of the first gate's entry
 * @throws Rejection those of `openSeal`, `sender-mismatch`, `body-mismatch`; ClockDiffers: try again
 */
export async function authenticate(
  gate: GateDeps,
  envelope: wire.EnvelopeFrame,
  atMs: number,
): Promise<Sealed> {
  // Keys and members are valid for a time: by a clock that is wrong, what is right would be dropped.
  gate.clock.check();
  const directory = gate.directory();
  const nowMs = gate.now();
  const sealed = await openStepwise(envelope.seal, (kid) => directory.findKey(kid, atMs, nowMs));
  directory.checkSigner(sealed.kid, sealed.header.from, atMs, nowMs);
  rememberOwn(gate, sealed);
  // A seal alone is checked against what is on record.
  if (!isSealAlone(sealed, envelope)) checkBody(sealed, envelope.body);
  return sealed;
}

/**
 * A message from another nation.
 *
 * INVARIANT: it is logged here only after its own nation's entry has proved that it left there. Whoever has a message in
 * hands could send it ahead without that proof; a refusal on record would then be the first entry, and stay.
 *
 * @throws Rejection those of `authenticate`, `proof-missing`, `proof-wrong`
 */
export async function authenticateAcross(
  gate: GateDeps,
  other: string,
  envelope: wire.EnvelopeFrame,
  proofs: readonly wire.EntryFrame[],
): Promise<Sealed> {
  const left = checkPassage(proofs[0], {
    nation: other,
    stages: ['leave'],
    messageHash: messageHash(envelope.seal),
    findLedger: (origin) => gate.directory().ledger(other, origin),
  });
  // A key that expired on the way is still good if it was valid when the first gate logged the message.
  const sealed = await authenticate(gate, envelope, left.leaf.timeMs);
  if (nationOf(sealed.header.from) !== other)
    throw new Rejection('proof-wrong', 'the proof is of another nation than the sender');
  return sealed;
}

/** @throws Rejection `sender-mismatch` */
export function checkHandedInBy(sealed: Sealed, subject: string): void {
  if (memberToken(sealed.header.from) !== tokenIn(subject)) {
    throw new Rejection('sender-mismatch', 'the message was handed in by another member than its sender');
  }
}
