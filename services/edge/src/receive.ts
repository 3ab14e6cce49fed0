import { createParts, type Delivery, type HandleParts, type Outcome } from '@entente/bus';
import { Rejection, rejectionWords, unpackBatch, wire } from '@entente/contract';
import { sha256 } from '@entente/seal';
import { acceptAnswer } from './accept-answer.js';
import { acceptPassage } from './accept-passage.js';
import type { Edge } from './state.js';

/**
 * What the gate delivers on `edge.in.<member>`: one delivery or a batch of them, each for itself. The gate is not trusted: everything
 * is proved by seals and ledgers.
 */
export async function receive(
  edge: Edge,
  { data, message, traceparents }: Delivery,
  handleParts: HandleParts = createParts(),
): Promise<Outcome> {
  return await droppingRejected(edge, data, () =>
    handleParts(message, unpackBatch(data), (delivery) =>
      droppingRejected(edge, delivery, () => accept(edge, delivery, traceparents)),
    ),
  );
}

async function accept(edge: Edge, bytes: Uint8Array, traceparents: readonly string[]): Promise<Outcome> {
  // By a clock that is wrong a good message would be expired, or from the future, and its sender told so under a seal.
  edge.clock.check();
  const { passage, answer, notice } = wire.delivery.decode(bytes);
  if (passage?.envelope) await acceptPassage(edge, passage.envelope, passage.proofs, traceparents);
  else if (answer) await acceptAnswer(edge, answer, traceparents);
  else if (notice) acceptNotice(edge, notice);
  else throw new Rejection('frame-malformed', 'a delivery carries a passage, an answer or a notice');
  return 'done';
}

async function droppingRejected(
  edge: Edge,
  data: Uint8Array,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    const { code, message } = error;
    edge.logger.warn({ code, detail: message }, 'a delivery was refused');
    edge.meter.refused(code);
    edge.cases.refuse({ sha256: sha256(data), atMs: edge.now(), code, detail: message, sender: '' });
    return 'drop';
  }
}

/**
 * The gate's word, without proof, that a message was refused before anyone's name on it could be believed. A gate that lies
 * here could as well have dropped the message; the sender reads that this is not from a log.
 */
function acceptNotice(edge: Edge, { code, envelopeSha256 }: wire.NoticeFrame): void {
  const row = edge.outbox.findByEnvelope(envelopeSha256);
  if (!row || row.state === 'ended') return;
  const reason = `${rejectionWords(code)} (Told by the national gate; not on record in a log.)`;
  edge.outbox.conclude(row.id, { outcome: 'refused', code, reason, atMs: edge.now() });
}
