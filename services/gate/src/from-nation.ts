import { checkPassage } from '@entente/audit';
import type { Delivery, Outcome } from '@entente/bus';
import { LIMITS, nationOf, Rejection, wire } from '@entente/contract';
import { decryptWith, messageHash, readUnverifiedHeader } from '@entente/seal';
import { act, CROSSING_TYPE, deliver } from './act.js';
import { authenticate } from './authenticate.js';
import { checkEntry } from './check-entry.js';
import { judge } from './judge.js';
import { record } from './record.js';
import type { GateDeps } from './state.js';

/** What another nation's gate sends on `cross.<own>.<other>.<member>`. The interconnect may have made it up, kept it or sent it twice. */
export async function fromNation(gate: GateDeps, { subject, data }: Delivery): Promise<Outcome> {
  const other = subject.split('.')[2] ?? '';
  try {
    const parties = { from: other, to: gate.nation, mid: subject };
    const plain = await decryptWith(gate.decrypters, data, CROSSING_TYPE, parties, LIMITS.transit);
    const { passage, answer } = wire.crossing.decode(plain);
    if (passage?.envelope) await passOn(gate, other, passage.envelope, passage.proofs);
    else if (answer) await passAnswer(gate, other, answer);
    else throw new Rejection('frame-malformed', 'a crossing carries a passage or an answer');
    return 'done';
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    // Nobody is told: that it came from the gate of that nation is not proved.
    gate.logger.warn({ subject, code: error.code, detail: error.message }, 'refused before its seal held');
    return 'drop';
  }
}

/**
 * INVARIANT: a message is logged here only after its own nation's entry has proved that it left there. Whoever has a message in
 * hands could send it ahead without that proof; a refusal on record would then be the first entry, and stay.
 */
async function passOn(
  gate: GateDeps,
  other: string,
  envelope: wire.EnvelopeFrame,
  proofs: readonly wire.EntryFrame[],
): Promise<void> {
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
  const judged = judge(gate, sealed, 'enter');
  const logged = await record(gate, sealed, 'enter', judged);
  await act(gate, { stage: 'enter', envelope, sealed, judged, proofs: proofs.slice(0, 1) }, logged);
}

/** Evidence of the other nation's gate: its entry about a message of one of our members. */
async function passAnswer(gate: GateDeps, other: string, answer: wire.AnswerFrame): Promise<void> {
  const { record } = checkEntry(gate, other, answer);
  const { from, id } = readUnverifiedHeader(record.seal);
  // The entry carries the seal, so nobody can send one member the evidence of another's message.
  if (from !== answer.to || id !== answer.messageId || nationOf(from) !== gate.nation) {
    throw new Rejection('sender-mismatch', 'the evidence is not about a message of the member it is sent to');
  }
  await deliver(gate, from as never, { answer });
}
