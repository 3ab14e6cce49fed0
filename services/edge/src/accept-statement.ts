import { type Evidence, Rejection, rejectionWords, subjects, type wire } from '@entente/contract';
import type { Sealed } from '@entente/seal';
import { type Edge, TIMEOUT_MS } from './state.js';

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
  for (const about of statement.about) {
    const row = edge.outbox.standing(about.messageId);
    const isOurs =
      row?.to === from && row.messageHash !== null && Buffer.from(row.messageHash).equals(about.messageHash);
    if (isOurs && FROM_EDGES.includes(statement.evidence)) await file(edge, header, statement, about, raw);
    else if (!row && OF_OWN.includes(statement.evidence))
      await answerClock(edge, from, statement.evidence, about);
    else throw new Rejection('case-unknown', 'evidence about a message that was not sent to this member');
  }
}

type About = wire.StatementFrame['about'][number];

async function file(
  edge: Edge,
  { from }: wire.HeaderFrame,
  { evidence, atMs }: wire.StatementFrame,
  { messageId, code }: About,
  raw: Uint8Array,
): Promise<void> {
  const reason = code === '' ? '' : rejectionWords(code);
  await edge.commit(() =>
    edge.evidence.file({
      ...{ messageId, evidence: evidence as Evidence, source: from, atMs, code, reason, rules: [], raw },
    }),
  );
}

/** A sender says that one of its clocks has ended. What is here is answered again; what is not, a person should know of. */
async function answerClock(edge: Edge, from: string, evidence: string, about: About): Promise<void> {
  const known = edge.cases.find(about.messageHash);
  if (known && known.sender !== from) throw new Rejection('case-unknown');
  if (known)
    return await edge.bus.publish(subjects.out(edge.member), known.answer, { timeoutMs: TIMEOUT_MS });
  if (evidence === 'not-retrieved') return;
  const detail = `${from} sent the message ${about.messageId}, which never arrived here (${evidence})`;
  edge.cases.refuse({ sha256: about.messageHash, atMs: edge.now(), code: 'expired', detail, sender: from });
}
