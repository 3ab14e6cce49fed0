import { checkPassage } from '@entente/audit';
import { BusError } from '@entente/bus';
import { isEnvelopeId, nationOf, Rejection, wire } from '@entente/contract';
import { isPassing } from '@entente/runtime';
import { checkBody, checkHeader, hasContent, isSealAlone, openSeal, type Sealed } from '@entente/seal';
import { acceptApproval } from './accept-approval.js';
import { acceptContent } from './accept-content.js';
import { acceptInspection } from './accept-inspection.js';
import { acceptStatement } from './accept-statement.js';
import { answerAgain } from './answer-again.js';
import { sealEvidence } from './seal-evidence.js';
import { sendAbout } from './send-about.js';
import type { Edge } from './state.js';

/**
 * A message from another member. Signature, way, header, content: whoever the gate is and whatever it did, what does not
 * prove itself is refused here.
 * @throws Rejection while nothing proves who sent it and that it came so; after that the sender is told by sealed evidence
 */
export async function acceptPassage(
  edge: Edge,
  envelope: wire.EnvelopeFrame,
  proofs: readonly wire.EntryFrame[],
  traceparents: readonly string[] = [],
): Promise<void> {
  const sealed = await authenticate(edge, envelope.seal, proofs);
  const known = edge.cases.answerTo(sealed.messageHash);
  if (known) return await sendAbout(edge, sealed.header, await answerAgain(edge, () => [sealed], known));
  if (isSealAlone(sealed, envelope)) {
    checkWay(edge, sealed, proofs);
    return await refuseAgain(edge, sealed);
  }
  // Another body or other proofs are the work of whoever carried it. The sender is not told that its message failed: it sends
  // it again, and the true one may still come.
  checkBody(sealed, envelope.body);
  checkWay(edge, sealed, proofs);
  const { header, messageHash: message } = sealed;
  await edge.tracing.span(
    'edge.receive',
    () => ({
      message,
      carried: traceparents,
      about: header.statement?.about.map(({ messageHash }) => messageHash) ?? [],
      words: { 'message.id': nameOf(header) },
    }),
    () => acceptProved(edge, sealed, envelope, proofs),
  );
}

/** What was sent by who it names, and came the way that it had to. */
async function acceptProved(
  edge: Edge,
  sealed: Sealed,
  envelope: wire.EnvelopeFrame,
  proofs: readonly wire.EntryFrame[],
): Promise<void> {
  try {
    const facts = checkHeader(sealed, { profile: edge.profile, nowMs: edge.now() });
    if (sealed.header.kind === wire.Kind.KIND_INSPECT) return await acceptInspection(edge, sealed, envelope);
    if (facts === null) return await accept(edge, sealed, wire.passage.encode({ envelope, proofs }));
    const answer = await acceptContent(edge, sealed, facts, envelope, proofs);
    await sendAbout(edge, sealed.header, answer);
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    await refuse(edge, sealed, error);
  }
}

/**
 * A message that is in quarantine now: its sender is told that it was not delivered, and why. If it is handled later, the evidence of
 * that supersedes this.
 */
export async function refusePoison(
  edge: Edge,
  envelope: wire.EnvelopeFrame,
  proofs: readonly wire.EntryFrame[],
): Promise<void> {
  const sealed = await authenticate(edge, envelope.seal, proofs);
  // Of a seal alone nothing is said but what was said before.
  if (isSealAlone(sealed, envelope)) return;
  checkBody(sealed, envelope.body);
  checkWay(edge, sealed, proofs);
  await refuse(edge, sealed, new Rejection('quarantined'));
}

/** Whether this edge failed on this very message: neither refused it, nor lacked a server or its disk. */
export function isFault(error: unknown): boolean {
  return !(error instanceof Rejection) && !(error instanceof BusError) && !isPassing(error);
}

async function accept(edge: Edge, sealed: Sealed, raw: Uint8Array): Promise<void> {
  if (sealed.header.kind === wire.Kind.KIND_APPROVAL) acceptApproval(edge, sealed, raw);
  else await acceptStatement(edge, sealed, raw);
}

/** The key is judged at the time of the first proof; a forged time gains nothing, for the proof itself is checked next. */
async function authenticate(
  edge: Edge,
  seal: Uint8Array,
  proofs: readonly wire.EntryFrame[],
): Promise<Sealed> {
  const directory = edge.directory();
  const nowMs = edge.now();
  const atMs = leftAtMs(proofs[0]) ?? nowMs;
  const sealed = openSeal(seal, (kid) => directory.findKey(kid, atMs, nowMs));
  directory.checkSigner(sealed.kid, sealed.header.from, atMs, nowMs);
  return sealed;
}

function leftAtMs(entry: wire.EntryFrame | undefined): number | undefined {
  try {
    return entry && wire.leaf.decode(entry.leaf).timeMs;
  } catch {
    return undefined;
  }
}

/** Each gate on the way has logged and permitted this very message. */
function checkWay(edge: Edge, sealed: Sealed, proofs: readonly wire.EntryFrame[]): void {
  if (sealed.header.to !== edge.member)
    throw new Rejection('recipient-mismatch', 'the message is for another member');
  const [from, to] = [nationOf(sealed.header.from), nationOf(edge.member)];
  const way = from === to ? [[to, 'inside'] as const] : [[from, 'leave'] as const, [to, 'enter'] as const];
  if (proofs.length !== way.length)
    throw new Rejection('proof-missing', `this way needs ${way.length} proofs`);
  const directory = edge.directory();
  for (const [i, [nation, stage]] of way.entries()) {
    checkPassage(proofs[i], {
      nation,
      stages: [stage],
      messageHash: sealed.messageHash,
      findLedger: (origin) => directory.ledger(nation, origin),
    });
  }
}

/** Its sender has no more of it than the seal, and asks with that what became of it. @throws Rejection `body-mismatch` if nothing did here */
async function refuseAgain(edge: Edge, sealed: Sealed): Promise<void> {
  const code = edge.cases.refusedAs(sealed.messageHash, sealed.header.from);
  if (code === undefined)
    throw new Rejection('body-mismatch', 'only the seal came, of a message that never arrived here');
  const { envelope } = await sealEvidence(edge, sealed, 'not-delivered', { code });
  await sendAbout(edge, sealed.header, envelope);
}

/** In logs and traces: what is no id may be anybody's name. */
function nameOf({ id }: wire.HeaderFrame): string {
  return isEnvelopeId(id) ? id : 'malformed';
}

/** The sender is proved, so it hears of it; evidence about evidence there is none. */
async function refuse(edge: Edge, sealed: Sealed, { code, message }: Rejection): Promise<void> {
  const { from } = sealed.header;
  const hash = Buffer.from(sealed.messageHash).toString('hex');
  edge.logger.warn({ code, detail: message, from, id: nameOf(sealed.header), hash }, 'a message was refused');
  edge.meter.refused(code);
  edge.cases.refuse({ sha256: sealed.messageHash, atMs: edge.now(), code, detail: message, sender: from });
  if (!hasContent(sealed.header)) return;
  const { envelope } = await sealEvidence(edge, sealed, 'not-delivered', { code });
  await sendAbout(edge, sealed.header, envelope);
}
