import { nationOf, type wire } from '@entente/contract';
import { openSeal, readUnverifiedHeader, type Sealed } from '@entente/seal';
import { perGate } from './per-gate.js';
import { rememberHashes } from './remember-hashes.js';
import type { GateDeps } from './state.js';

/** What this gate has itself seen signed by a member of its nation: the evidence of it that comes back is not verified a second time. */
const seen = perGate((_: object) => rememberHashes());

/** Of a seal whose signature held. */
export function rememberOwn(gate: GateDeps, { header, messageHash }: Sealed): void {
  if (nationOf(header.from) === gate.nation) seen(gate).add(messageHash);
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
  if (seen(gate).has(messageHash)) return;
  const { from } = readUnverifiedHeader(seal);
  const nation = gate.directory().nations.get(nationOf(from));
  const kids = nation?.members.get(from)?.keys.map(({ kid }) => kid) ?? [];
  openSeal(seal, (kid) => (kids.includes(kid) ? nation?.keys.get(kid) : undefined));
}
