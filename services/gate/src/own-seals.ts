import { nationOf, type wire } from '@entente/contract';
import { openSeal, readUnverifiedHeader, type Sealed } from '@entente/seal';
import { perGate } from './per-gate.js';
import type { GateDeps } from './state.js';

/** Hashes, of 32 bytes each: what crosses in some minutes under load. */
const MOST = 65_536;

/** What this gate has itself seen signed by a member of its nation: the evidence of it that comes back is not verified a second time. */
const seen = perGate((_: object) => new Set<string>());

const nameOf = (messageHash: Uint8Array): string => Buffer.from(messageHash).toString('latin1');

/** Of a seal whose signature held. */
export function rememberOwn(gate: GateDeps, { header, messageHash }: Sealed): void {
  if (nationOf(header.from) !== gate.nation) return;
  const hashes = seen(gate);
  hashes.add(nameOf(messageHash));
  // In the order of their coming: one that is forgotten is verified again.
  if (hashes.size > MOST) hashes.delete(hashes.values().next().value as string);
}

/**
 * Whether the seal in another nation's entry was made by the member that it names: a ledger can log what it likes, under names that
 * nobody has.
 *
 * Any key that the directory states for that member counts, a revoked one as well: what became of a message is said to its sender also
 * where it may not send any more. Who holds such a key can have that member told of messages that it never sent, which its edge does not know.
 *
 * @throws Rejection those of `openSeal`; `key-unknown` also for a member that is not in the directory
 */
export function checkSigned(gate: GateDeps, { seal, messageHash }: wire.RecordFrame): void {
  if (seen(gate).has(nameOf(messageHash))) return;
  const { from } = readUnverifiedHeader(seal);
  const nation = gate.directory().nations.get(nationOf(from));
  const kids = nation?.members.get(from)?.keys.map(({ kid }) => kid) ?? [];
  openSeal(seal, (kid) => (kids.includes(kid) ? nation?.keys.get(kid) : undefined));
}
