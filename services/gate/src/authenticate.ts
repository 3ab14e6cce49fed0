import { Rejection } from '@entente/contract';
import { openSeal, type Sealed } from '@entente/seal';
import type { GateDeps } from './state.js';

/**
 * Who said it. Until this returns, nothing may be logged under the name that the message claims, and nobody but the NATS
 * user who handed it in is told.
 *
 * @param atMs when the seal was made, as far as it is proved: now, or the time of the first gate's entry
 * @throws Rejection those of `openSeal`, `sender-mismatch`
 */
export async function authenticate(gate: GateDeps, seal: Uint8Array, atMs: number): Promise<Sealed> {
  const directory = gate.directory();
  const nowMs = gate.now();
  const sealed = await openSeal(seal, (kid) => directory.findKey(kid, atMs, nowMs));
  directory.checkSigner(sealed.kid, sealed.header.from, atMs, nowMs);
  return sealed;
}

/** @throws Rejection `sender-mismatch` */
export function checkHandedInBy(sealed: Sealed, token: string, tokenOf: (member: string) => string): void {
  if (tokenOf(sealed.header.from) !== token) {
    throw new Rejection('sender-mismatch', 'the message was handed in by another member than its sender');
  }
}
