import { type Evidence, Rejection, rejectionWords, type wire } from '@entente/contract';
import { readUnverifiedHeader, type Sealed } from '@entente/seal';
import { type Answered, answerAgain } from './answer-again.js';
import type { Standing } from './outbox.js';
import { sealIn } from './remove-proof.js';
import type { Edge } from './state.js';

const FROM_EDGES: readonly string[] = [
  'delivered',
  'not-delivered',
  'retrieved',
  'not-retrieved',
  'erased',
] satisfies Evidence[];
/** What a sender says of its own message when a clock has ended. */
const OF_OWN: readonly string[] = ['relay-failed', 'not-delivered', 'not-retrieved'] satisfies Evidence[];

/**
 * Another edge's sealed evidence: about our messages, and it counts only for those that were sent to that very member; or about its
 * own to us, when one of its clocks has ended.
 * @param raw the passage, encoded: kept for the auditor
 * @throws Rejection `statement-malformed`, `case-unknown`; ClockDiffers where an answer has to be sealed anew
 */
export async function acceptStatement(edge: Edge, { header }: Sealed, raw: Uint8Array): Promise<void> {
  const { statement, from } = header;
  if (!statement || ![...FROM_EDGES, ...OF_OWN].includes(statement.evidence))
    throw new Rejection('statement-malformed');
  const { answers, others } = await edge.commit(() => {
    const sorted = sortOut(edge, from, statement);
    if (sorted.ours.length > 0) file(edge, header, statement, sorted.ours, raw);
    const { strange, ...found } = findAnswers(edge, from, statement.evidence, sorted.theirs);
    return { ...found, others: sorted.others + strange };
  });
  await Promise.all(answers.map(async (kept) => edge.send(await againOf(edge, kept))));
  // What is said of the others counts all the same: a sender that was restored does not know all that it has sent.
  if (others > 0)
    throw new Rejection('case-unknown', 'evidence about a message that was not sent to this member');
}

type About = wire.StatementFrame['about'][number];

interface Ours {
  readonly about: About;
  readonly standing: Standing;
}

/** What it says of messages of ours, what a sender may say of its own, and how many there are that it has nothing to say of. */
function sortOut(edge: Edge, from: string, { evidence, about: abouts }: wire.StatementFrame) {
  const ours: Ours[] = [];
  const theirs: About[] = [];
  let others = 0;
  for (const about of abouts) {
    const standing = edge.outbox.standing(about.messageId);
    const isOurs =
      standing?.to === from &&
      standing.messageHash !== null &&
      Buffer.from(standing.messageHash).equals(about.messageHash);
    if (isOurs && FROM_EDGES.includes(evidence)) {
      // A repeat of one message brings the seal that speaks of many once more.
      if (!edge.evidence.has(about.messageId, evidence, from)) ours.push({ about, standing });
    } else if (!standing && OF_OWN.includes(evidence)) theirs.push(about);
    else others += 1;
  }
  return { ours, theirs, others };
}

function file(
  edge: Edge,
  { from }: wire.HeaderFrame,
  { evidence, atMs }: wire.StatementFrame,
  ours: readonly Ours[],
  raw: Uint8Array,
): void {
  const kept = ours.length > 1 ? edge.evidence.share(raw) : raw;
  const said = { evidence: evidence as Evidence, source: from, atMs, rules: [], raw: kept };
  for (const { about, standing } of ours) {
    const { messageId, code } = about;
    const reason = code === '' ? '' : rejectionWords(code);
    edge.evidence.file({ ...said, messageId, code, reason }, standing);
  }
  if (typeof kept === 'number') edge.evidence.unshare(kept);
}

/**
 * A sender says that its clocks have ended. What is here is answered again, each answer once, for one speaks of many; what is not, a person
 * should know of. It is written together: what one statement names, another could not be kept waiting for.
 * @returns also how many are of another sender
 */
function findAnswers(edge: Edge, from: string, evidence: string, abouts: readonly About[]) {
  const answers = new Map<string, KeptAnswer>();
  const missing: About[] = [];
  let strange = 0;
  for (const about of abouts) {
    const known = edge.cases.answered(about.messageHash);
    if (!known) missing.push(about);
    else if (known.sender !== from) strange += 1;
    else {
      const name = Buffer.from(known.answer).toString('latin1');
      const { messages } = answers.get(name) ?? { messages: new Map() };
      messages.set(Buffer.from(about.messageHash).toString('hex'), about.messageHash);
      answers.set(name, { answer: known.answer, messages });
    }
  }
  if (evidence !== 'not-retrieved') noteMissing(edge, from, evidence, missing);
  return { answers: [...answers.values()], strange };
}

interface KeptAnswer {
  /** An Envelope, encoded. */
  readonly answer: Uint8Array;
  /** The hashes of those messages that were asked about and that it answers, each once. */
  readonly messages: Map<string, Uint8Array>;
}

/** What no gate takes any more would not end the sender's clock: it is sealed anew, once for all that are asked about. */
async function againOf(edge: Edge, { answer, messages }: KeptAnswer): Promise<Uint8Array> {
  const found = () =>
    [...messages.values()].flatMap((messageHash): Answered[] => {
      const row = edge.cases.find(messageHash);
      return row ? [{ messageHash, header: readUnverifiedHeader(sealIn(row.passage)) }] : [];
    });
  return await answerAgain(edge, found, answer);
}

function noteMissing(edge: Edge, from: string, evidence: string, missing: readonly About[]): void {
  for (const { messageId, messageHash } of missing) {
    const detail = `${from} sent the message ${messageId}, which never arrived here (${evidence})`;
    edge.cases.refuse({ sha256: messageHash, atMs: edge.now(), code: 'expired', detail, sender: from });
  }
}
