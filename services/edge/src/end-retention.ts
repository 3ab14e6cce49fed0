import { type Content, SYSTEM } from '@entente/contract';
import { MORE } from '@entente/runtime';
import { endAccess } from './end-access.js';
import { addFoundHolds, tellFoundHolds } from './log-found-holds.js';
import type { OutboxRow } from './outbox-row.js';
import { endQuarantine } from './quarantined.js';
import { findRecall } from './recall-onward.js';
import {
  removeInspected,
  removeReceived,
  removeSent,
  type WhyErased,
  whyRecalled,
} from './remove-content.js';
import { dropReceived, dropSent, removeProofOfReceived, removeProofOfSent } from './remove-proof.js';
import type { Edge } from './state.js';

/** Of each kind in one turn: all of them go in one transaction, and nothing else happens here meanwhile. */
const AT_ONCE = 100;
/** What an auditor was shown. */
export const INSPECTED_DAYS = 30;
const DAY_MS = 86_400_000;

/** One turn of `repeat`, which has left MORE where something was over: there may be more. */
export async function endOver(edge: Edge): Promise<typeof MORE | undefined> {
  return (await endRetention(edge)) > 0 ? MORE : undefined;
}

/**
 * Contents whose time is over go, as the referral says (GDPR Art. 5(1)(e)): those that were received and those that were sent, begun
 * a minute after at the latest. What a case was about, in words of closed lists, and what is proved about it stay `proofDays` more, unless an order has
 * the case erased; that and why each went is an entry of the log of accesses. Not before the gate has said the time since the start: whoever is alone cannot know that its clock is wrong.
 * What went here or elsewhere, in this turn or before, goes from the journal as well, as soon as nobody reads an older state of it.
 * @returns how many contents went, proofs of earlier ones, and entries of the log of accesses
 * @throws ClockDiffers: what is erased does not come back
 */
export async function endRetention(edge: Edge): Promise<number> {
  const went = edge.clock.wasTold() ? await eraseNow(edge) : 0;
  if (!edge.journal.settle())
    edge.logger.warn('what was erased is still in the journal: another process reads an older state of it');
  return went;
}

async function eraseNow(edge: Edge): Promise<number> {
  await endQuarantine(edge);
  const { found, received, sent, inspected, proofs, accesses } = await edge.commit(() => eraseOver(edge));
  tellFoundHolds(edge, found);
  const went = received + sent + inspected + proofs + accesses;
  if (went === 0) return 0;
  edge.logger.info({ received, sent, inspected, proofs, accesses }, 'what was kept for its time is erased');
  return went;
}

function eraseOver(edge: Edge) {
  edge.clock.check();
  edge.cases.forgetRefused(edge.now());
  edge.inspections.forgetAnswered(edge.now());
  edge.holds.forgetOver(edge.now());
  const found = addFoundHolds(edge);
  const received = edge.cases.over(edge.now(), AT_ONCE);
  const sent = edge.outbox.over(edge.now(), AT_ONCE);
  const inspected = edge.inspections.over(edge.now() - INSPECTED_DAYS * DAY_MS, AT_ONCE);
  for (const row of received) {
    const order = orderOf(edge, row);
    removeReceived(edge, row, order ?? ownTime(row, row.receivedMs, JSON.parse(row.content) as Content));
    if (order) removeProofOfReceived(edge, row);
  }
  for (const row of sent) {
    const order = orderOf(edge, row);
    removeSent(
      edge,
      row,
      order ?? recallOf(edge, row) ?? ownTime(row, row.createdMs, row.submission.content),
    );
    if (order) removeProofOfSent(edge, row);
  }
  for (const row of inspected)
    removeInspected(edge, row, timeOver(`${INSPECTED_DAYS} days after an inspection`));
  const proofs = dropOver(edge);
  const counts = { received: received.length, sent: sent.length, inspected: inspected.length };
  return { found, ...counts, proofs, accesses: endAccess(edge) };
}

/** What was left of messages after their content: seals, proofs, and words of closed lists. */
function dropOver(edge: Edge): number {
  const beforeMs = edge.now() - edge.proofDays * DAY_MS;
  // First, while the messages are there whose words they are.
  const words = edge.justifications.forgetOver(beforeMs);
  for (const messageHash of words) if (messageHash) edge.inspections.forget(messageHash);
  const received = edge.cases.removed(beforeMs, AT_ONCE);
  const sent = edge.outbox.removed(beforeMs, AT_ONCE);
  const why = timeOver(`PROOF_DAYS ${edge.proofDays}`);
  for (const row of received) dropReceived(edge, row, why);
  for (const row of sent) dropSent(edge, row, why);
  if (words.length + edge.holds.forgetDecided(beforeMs) > 0) edge.journal.owe();
  return received.length + sent.length;
}

function orderOf(
  edge: Edge,
  { caseId, eraseMs }: { readonly caseId: string; readonly eraseMs: number },
): WhyErased | undefined {
  const order = edge.erasures.find(caseId, eraseMs);
  return order && { actor: order.actor, detail: order.reason, reference: order.reference };
}

/** Of what was sent on, and whose copy has to go with the one it was made of. */
function recallOf(edge: Edge, { id, inReplyTo }: OutboxRow): WhyErased | undefined {
  const source = edge.forwards.sourceOf(inReplyTo || id);
  if (!source) return undefined;
  const recall = findRecall(edge, source);
  return recall?.content.remove_copy ? whyRecalled(edge, source.sender, recall.id) : undefined;
}

function ownTime(
  { eraseMs }: { readonly eraseMs: number },
  keptFromMs: number,
  { retention_days: days }: Content,
): WhyErased {
  // Nobody but an order or a recall changes it by way of this edge.
  const isOwnTime = eraseMs === keptFromMs + days * DAY_MS;
  return timeOver(`retention_days ${days}${isOwnTime ? '' : ', changed in the database'}`);
}

function timeOver(reference: string): WhyErased {
  return { actor: SYSTEM, detail: 'time-over', reference };
}
