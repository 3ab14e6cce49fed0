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
  const { ours, theirs, others } = sortOut(edge, from, statement);
  if (ours.length > 0) await file(edge, header, statement, ours, raw);
  const strange = await answerClocks(edge, from, statement.evidence, theirs);
  // What is said of the others counts all the same: a sender that was restored does not know all that it has sent.
  if (others + strange > 0)
    throw new Rejection('case-unknown', 'evidence about a message that was not sent to this member');
}

type About = wire.StatementFrame['about'][number];

/** What it says of messages of ours, what a sender may say of its own, and how many there are that it has nothing to say of. */
function sortOut(edge: Edge, from: string, { evidence, about: abouts }: wire.StatementFrame) {
  const ours: About[] = [];
  const theirs: About[] = [];
  let others = 0;
  for (const about of abouts) {
    const row = edge.outbox.standing(about.messageId);
    const isOurs =
      row?.to === from && row.messageHash !== null && Buffer.from(row.messageHash).equals(about.messageHash);
    if (isOurs && FROM_EDGES.includes(evidence)) {
      // A repeat of one message brings the seal that speaks of many once more.
      if (!edge.evidence.has(about.messageId, evidence, from)) ours.push(about);
    } else if (!row && OF_OWN.includes(evidence)) theirs.push(about);
    else others += 1;
  }
  return { ours, theirs, others };
}

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
    if (typeof kept === 'number') edge.evidence.unshare(kept);
  });
}

/**
 * A sender says that its clocks have ended. What is here is answered again, each answer once, for one speaks of many; what is not, a person
 * should know of. It is written together: what one statement names, another could not be kept waiting for.
 * @returns how many are of another sender
 */
async function answerClocks(
  edge: Edge,
  from: string,
  evidence: string,
  abouts: readonly About[],
): Promise<number> {
  const answers = new Map<string, Uint8Array>();
  const missing: About[] = [];
  let strange = 0;
  for (const about of abouts) {
    const known = edge.cases.answered(about.messageHash);
    if (!known) missing.push(about);
    else if (known.sender !== from) strange += 1;
    else answers.set(Buffer.from(known.answer).toString('latin1'), known.answer);
  }
  if (missing.length > 0 && evidence !== 'not-retrieved')
    await edge.commit(() => noteMissing(edge, from, evidence, missing));
  await Promise.all([...answers.values()].map((answer) => edge.send(answer)));
  return strange;
}

function noteMissing(edge: Edge, from: string, evidence: string, missing: readonly About[]): void {
  for (const { messageId, messageHash } of missing) {
    const detail = `${from} sent the message ${messageId}, which never arrived here (${evidence})`;
    edge.cases.refuse({ sha256: messageHash, atMs: edge.now(), code: 'expired', detail, sender: from });
  }
}
