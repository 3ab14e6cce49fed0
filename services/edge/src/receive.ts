import { createParts, type Delivery, type HandleParts, type Outcome } from '@entente/bus';
import { Rejection, rejectionWords, unpackBatch, wire } from '@entente/contract';
import { hasContent, readUnverifiedHeader, sha256 } from '@entente/seal';
import { acceptAnswer } from './accept-answer.js';
import { acceptPassage, refusePoison } from './accept-passage.js';
import { confirmTime } from './reduce.js';
import type { Edge } from './state.js';
import { underLatest } from './under-latest.js';

/**
 * What the gate delivers on `edge.in.<member>`, or ahead of that on `edge.in-emergency.<member>`: one delivery or a batch of them, each for itself. The gate is not trusted: everything
 * is proved by seals and ledgers.
 */
export async function receive(
  edge: Edge,
  { subject, data, message, traceparents }: Delivery,
  handleParts: HandleParts = createParts(),
): Promise<Outcome> {
  return await droppingRejected(edge, data, () =>
    handleParts(message, unpackBatch(data), (delivery) =>
      droppingRejected(edge, delivery, () =>
        // Evidence that is dropped does not come again once its message has an outcome.
        underLatest(edge, () => acceptOrSetAside(edge, subject, delivery, traceparents)),
      ),
    ),
  );
}

/** Handles one delivery again that was kept as it is. */
export async function receiveAgain(edge: Edge, delivery: Uint8Array): Promise<Outcome> {
  return await droppingRejected(edge, delivery, () =>
    underLatest(edge, () => accept(edge, wire.delivery.decode(delivery), [])),
  );
}

async function acceptOrSetAside(
  edge: Edge,
  subject: string,
  bytes: Uint8Array,
  traceparents: readonly string[],
): Promise<Outcome> {
  const delivery = wire.delivery.decode(bytes);
  const { passage } = delivery;
  return await edge.setAside(
    {
      ...{ subject, bytes },
      // Asked when something fails: else no seal is read twice.
      get source() {
        return senderOf(passage);
      },
      // A repeat has later proofs beside the same envelope.
      key: () => (passage?.envelope ? wire.envelope.encode(passage.envelope) : bytes),
      kind: () => kindOf(delivery),
    },
    () => accept(edge, delivery, traceparents),
    async () => {
      if (passage?.envelope) await refusePoison(edge, passage.envelope, passage.proofs);
    },
  );
}

function kindOf({ passage, answer }: wire.DeliveryFrame): string {
  if (!passage?.envelope) return answer ? 'answer' : 'notice';
  try {
    return hasContent(readUnverifiedHeader(passage.envelope.seal)) ? 'content' : 'statement';
  } catch {
    return 'unreadable';
  }
}

/** As the gate has checked it. A gate that lies here fills another's share of the quarantine. */
function senderOf(passage: wire.PassageFrame | null): string {
  try {
    return passage?.envelope ? readUnverifiedHeader(passage.envelope.seal).from : 'gate';
  } catch {
    return 'gate';
  }
}

async function accept(
  edge: Edge,
  { passage, answer, notice }: wire.DeliveryFrame,
  traceparents: readonly string[],
): Promise<Outcome> {
  // By a clock that is wrong a good message would be expired, or from the future, and its sender told so under a seal.
  await confirmTime(edge);
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
  const id = edge.outbox.findByEnvelope(envelopeSha256);
  if (id === undefined) return;
  const reason = `${rejectionWords(code)} (Told by the national gate; not on record in a log.)`;
  edge.outbox.conclude(id, { outcome: 'refused', code, reason, atMs: edge.now() });
}
