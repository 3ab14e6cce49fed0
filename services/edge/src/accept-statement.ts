import { type Evidence, Rejection, rejectionWords, type wire } from '@entente/contract';
import type { Sealed } from '@entente/seal';
import type { Edge } from './state.js';

const FROM_EDGES: readonly string[] = [
  'delivered',
  'not-delivered',
  'retrieved',
  'not-retrieved',
] satisfies Evidence[];
/** What a sender says of its own message when a clock has ended. */
const OF_OWN: readonly string[] = ['relay-failed', 'not-delivered', 'not-retrieved'] satisfies Evidence[];

/**
 * Another edge's sealed evidence: about our messages, and it counts only for those that were sent to that very member; or about its
 * own to us, when one of its clocks has ended.
 * @param raw the passage, encoded: kept for the auditor
 * @throws Rejection `statement-malformed`, `case-unknown`
 */
export async function acceptStatement(edge: Edge, { header }: Sealed, raw: Uint8Array): Promise<void> {
  const { statement, from } = header;
  if (!statement || ![...FROM_EDGES, ...OF_OWN].includes(statement.evidence))
    throw new Rejection('statement-malformed');
  const isFromEdge = FROM_EDGES.includes(statement.evidence);
  const ours: About[] = [];
  let unknown = 0;
  for (const about of statement.about) {
    const row = edge.outbox.standing(about.messageId);
    const isOurs =
      row?.to === from && row.messageHash !== null && Buffer.from(row.messageHash).equals(about.messageHash);
    if (isOurs && isFromEdge) {
      // A repeat of one message brings the seal that speaks of many once more.
      if (!edge.evidence.has(about.messageId, statement.evidence, from)) ours.push(about);
    } else if (!row && OF_OWN.includes(statement.evidence))
      await answerClock(edge, from, statement.evidence, about);
    else unknown += 1;
  }
  if (ours.length > 0) await file(edge, header, statement, ours, raw);
  // What is said of the others counts all the same: a sender that was restored does not know all that it has sent.
  if (unknown > 0)
    throw new Rejection('case-unknown', 'evidence about a message that was not sent to this member');
}

type About = wire.StatementFrame['about'][number];

async function file(
  edge: Edge,
  { from }: wire.HeaderFrame,
  { evidence, atMs }: wire.StatementFrame,
  abouts: readonly About[],
  raw: Uint8Array,
): Promise<void> {
  await edge.commit(() => {
    const kept = abouts.length > 1 ? edge.evidence.share(raw) : raw;
    const said = { evidence: evidence as Evidence, source: from, atMs, rules: [], raw: kept };
    for (const { messageId, code } of abouts)
      edge.evidence.file({ ...said, messageId, code, reason: code === '' ? '' : rejectionWords(code) });
  });
}

/** A sender says that one of its clocks has ended. What is here is answered again; what is not, a person should know of. */
async function answerClock(edge: Edge, from: string, evidence: string, about: About): Promise<void> {
  const known = edge.cases.find(about.messageHash);
  if (known && known.sender !== from) throw new Rejection('case-unknown');
  if (known) return await edge.send(known.answer);
  if (evidence === 'not-retrieved') return;
  const detail = `${from} sent the message ${about.messageId}, which never arrived here (${evidence})`;
  edge.cases.refuse({ sha256: about.messageHash, atMs: edge.now(), code: 'expired', detail, sender: from });
}
