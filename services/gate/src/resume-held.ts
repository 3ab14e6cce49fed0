import { HELD_STREAM } from '@entente/bus';
import { nationOf, Rejection, type Stage, wire } from '@entente/contract';
import { readUnverifiedHeader, type Sealed } from '@entente/seal';
import { authenticate, authenticateAcross } from './authenticate.js';
import { heldSubject } from './keep-held.js';
import { pass } from './pass.js';
import type { GateDeps, Logged } from './state.js';

/** Whether what is on record may let a message go on that waits here. */
export const mayResume = ({ record }: Logged): boolean =>
  record.event === 'approval' && record.verdict?.decision === 'permit';

/**
 * After an approval was logged, the message that it is about goes its way again from the start, if it waits here. What is kept is
 * believed as little as what comes in; if it was lost, the sender's next repeat does the same.
 */
export async function resumeHeld(gate: GateDeps, { header }: Sealed): Promise<void> {
  const about = header.statement?.about[0];
  const kept = about && (await gate.bus.readLast(HELD_STREAM, heldSubject(about.messageHash)));
  if (!kept || kept.length === 0) return;
  try {
    const { envelope, proofs } = wire.passage.decode(kept);
    if (envelope) await passAgain(gate, envelope, proofs);
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    gate.logger.warn({ code: error.code, detail: error.message }, 'a held message cannot be read any more');
  }
}

async function passAgain(
  gate: GateDeps,
  envelope: wire.EnvelopeFrame,
  proofs: readonly wire.EntryFrame[],
): Promise<void> {
  const { from, to } = readUnverifiedHeader(envelope.seal);
  const other = nationOf(from);
  const isFromOther = other !== gate.nation;
  const stage: Stage = isFromOther ? 'enter' : nationOf(to) === gate.nation ? 'inside' : 'leave';
  const sealed = isFromOther
    ? await authenticateAcross(gate, other, envelope, proofs)
    : await authenticate(gate, envelope, gate.now());
  await pass(gate, { stage, envelope, sealed, proofs });
}
