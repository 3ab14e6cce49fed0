import { type Evidence, type ReferralState, SYSTEM, wire } from '@entente/contract';
import { MORE } from '@entente/runtime';
import { evidenceClocks, repeatAfterMs } from './evidence-clocks.js';
import { findSent, type Thread } from './find-threads.js';
import type { OutboxRow } from './outbox-row.js';
import { sealAbout } from './seal-evidence.js';
import type { Edge } from './state.js';
import { NotPossible, submitAbout } from './submit-update.js';

const AT_ONCE = 64;
const MINUTE_MS = 60_000;
/** How long an operator still reads of one that somebody has acted on. */
const USED_UP_MS = 10 * MINUTE_MS;
/** A desk that has not answered seven times will not answer the eighth: then a person has to escalate. */
const REPEATS = 7;

/**
 * Looks after what has arrived: says so when nobody opened it in time, and asks again where a clock says when.
 * @returns one turn of `repeat`
 */
export async function watchClocks(edge: Edge): Promise<typeof MORE | undefined> {
  const due = edge.outbox.dueLooks(edge.now(), AT_ONCE);
  const kept: Promise<void>[] = [];
  for (const id of due) {
    const next = await look(edge, id).catch((error: unknown) => {
      // One that fails keeps no other waiting.
      edge.logger.warn({ err: error, id }, 'cannot look after this message now, will try again');
      return edge.now() + MINUTE_MS;
    });
    const one = edge.commit(() => edge.outbox.lookAt(id, next));
    // What fails is told below, when all were looked after, and ends no process before.
    one.catch(() => undefined);
    kept.push(one);
  }
  // Each at once, and one sync of the disk for several.
  await Promise.all(kept);
  return due.length < AT_ONCE ? undefined : MORE;
}

/** @returns when to look again; null: there is nothing left to look for */
async function look(edge: Edge, id: string): Promise<number | null> {
  const row = edge.outbox.find(id);
  if (row?.outcome !== 'delivered' || row.endedMs === null || row.updateWord !== '') return null;
  const again = [await watchRetrieval(edge, row, row.endedMs), watchRepeat(edge, row, row.endedMs)];
  const times = again.filter((at) => at !== undefined);
  return times.length === 0 ? null : Math.min(...times);
}

/** @returns when to look again */
async function watchRetrieval(edge: Edge, row: OutboxRow, deliveredMs: number): Promise<number | undefined> {
  const isUnknown = () => !edge.evidence.list(row.id).some(({ evidence }) => RETRIEVAL.includes(evidence));
  if (!isUnknown()) return undefined;
  const dueMs = deliveredMs + evidenceClocks(row.submission.content).retrievalMs;
  if (edge.now() < dueMs) return dueMs;
  await sayOfOwn(edge, row, 'not-retrieved', '', isUnknown);
  return undefined;
}

const RETRIEVAL: readonly Evidence[] = ['retrieved', 'not-retrieved'];

function watchRepeat(edge: Edge, row: OutboxRow, deliveredMs: number): number | undefined {
  const { id, submission } = row;
  const period = repeatAfterMs(submission.content);
  // Only here, and only what was said of this referral: the other end decides how much stands in a case.
  const thread = period === undefined ? undefined : findSent(edge, id);
  if (period === undefined || !thread) return undefined;
  const { followed } = thread;
  const isUsedUp = isRepeatOver(thread);
  const isAPersons = isUsedUp && !followed.isEscalated && row.removedMs === null;
  edge.outbox.markUsedUp(id, isAPersons);
  if (isAPersons) return edge.now() + USED_UP_MS;
  if (isUsedUp || !LIVE.includes(followed.state)) return undefined;
  const dueMs = deliveredMs + (followed.repeats + 1) * period;
  if (edge.now() < dueMs) return dueMs;
  try {
    // A repeat that was refused is none that the other end has had, and is not said a second time.
    const key = `repeat/${id}/${followed.repeats + 1}`;
    submitAbout(edge, thread, { update: 'repeat', actor: SYSTEM }, { key });
  } catch (error) {
    if (!(error instanceof NotPossible)) throw error;
  }
  return edge.now() + MINUTE_MS;
}

const LIVE: readonly ReferralState[] = ['open', 'accepted'];

/** Nobody has acted on the notice, and it is not given again by itself: now a person has to escalate. */
export function isRepeatOver({ referral, followed }: Thread): boolean {
  const isRepeated = repeatAfterMs(referral) !== undefined;
  return isRepeated && LIVE.includes(followed.state) && followed.repeats >= REPEATS;
}

/**
 * What this member says about its own message when a clock has ended: on record at both gates, and told to the recipient.
 * @param isStillSo asked when it is sealed, before it is said
 */
export async function sayOfOwn(
  edge: Edge,
  row: OutboxRow,
  evidence: Evidence,
  code: string,
  isStillSo: () => boolean,
): Promise<void> {
  if (row.messageHash === null) return;
  const { from_role: ownRole, to_role: otherRole } = row.submission;
  const between = { caseId: row.caseId, ownRole, other: row.to, otherRole };
  const about = [{ messageId: row.id, messageHash: row.messageHash, code }];
  const { id, envelope } = await sealAbout(edge, between, evidence, about);
  if (!isStillSo()) return;
  // A crash before the next line says it twice, which changes nothing.
  edge.statements.insert(id, envelope, edge.now());
  const reason = `The clock has ended without other evidence. This is said by ${edge.member} itself.`;
  const own = { messageId: row.id, evidence, source: edge.member, atMs: edge.now(), code, reason };
  edge.evidence.file({
    ...own,
    rules: [],
    raw: wire.passage.encode({ envelope: wire.envelope.decode(envelope) }),
  });
}
