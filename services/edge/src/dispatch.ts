import { type Evidence, LIMITS, nationOf, Rejection, wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import type { ApprovalRow } from './hold-store.js';
import type { OutboxRow } from './outbox-row.js';
import { prepare } from './prepare.js';
import { AGAIN_SOON_MS, LAST_RESEND_MS, resendAtMs, sendUntilAnswered, tryAgainSoon } from './resend.js';
import { sendAbout } from './send-about.js';
import type { Edge } from './state.js';
import { LAST_STATEMENT_MS, type StatementRow } from './statement-store.js';
import { isTakenBack } from './take-back.js';
import { sayOfOwn } from './watch-clocks.js';

/** Of each kind in one turn. One that has sent as many may have left others. */
export const AT_ONCE = 64;

/**
 * Sends what is due, and of what was never sent as much as the gate has room for. A message is sent again, the same bytes under the same id,
 * until evidence ends it or its time is over: whatever NATS, a gate or the other edge loses, comes again from here.
 * @returns how many have left, or ended. INVARIANT: what could not be sent is none of them, or a turn would follow the other for as long as there
 *   is no connection, and nothing else would get its turn, not even the connection
 */
export async function dispatch(edge: Edge): Promise<number> {
  const due = edge.outbox.due(edge.now(), AT_ONCE, edge.underWay.room());
  const approvals = edge.holds.dueApprovals(edge.now(), AT_ONCE);
  const statements = edge.statements.due(edge.now(), AT_ONCE);
  const left = await allOf([
    ...statements.map((row) => sendAgain(edge, row)),
    ...due.map((row) => sendOne(edge, row)),
    ...approvals.map((row) => sendApproval(edge, row)),
  ]);
  return left.filter(Boolean).length;
}

/**
 * INVARIANT: a turn is not over before all of it is, whatever fails. The next one would find a draft that this one is still preparing, and
 * send a second form of one message.
 */
async function allOf<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const ended = await Promise.allSettled(work);
  return ended.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

/** Nothing answers a statement. Three times over six hours brings it through most of what can happen. */
const STATEMENT_AGAIN_MS = [5 * 60_000, LAST_STATEMENT_MS];

/** @returns whether it has left */
async function sendAgain(edge: Edge, { id, envelope, attempts }: StatementRow): Promise<boolean> {
  const againMs = STATEMENT_AGAIN_MS[attempts];
  const isLast = againMs === undefined;
  try {
    // Before it is sent: on a full disk it would be sent again in every turn.
    edge.statements.retryAt(id, edge.now() + (againMs ?? AGAIN_SOON_MS), attempts + (isLast ? 0 : 1));
    await edge.send(envelope);
    if (isLast) edge.statements.remove(id);
    return true;
  } catch (error) {
    tryAgainSoon(edge, id, error, (atMs) => edge.statements.retryAt(id, atMs, attempts));
    return false;
  }
}

/** Until its entry comes back. */
async function sendApproval(edge: Edge, row: ApprovalRow): Promise<boolean> {
  const send = async () => await sendAbout(edge, heldHeader(edge, row.aboutHash), row.envelope);
  return await sendUntilAnswered(edge, edge.holds, row, send);
}

function heldHeader(edge: Edge, messageHash: Uint8Array): Pick<wire.HeaderFrame, 'facts'> {
  const held = edge.holds.find(messageHash);
  return held ? readUnverifiedHeader(wire.record.decode(held.entry.record).seal) : { facts: null };
}

/** @returns whether it has left, or ended */
async function sendOne(edge: Edge, row: OutboxRow): Promise<boolean> {
  const nowMs = edge.now();
  if (nowMs >= row.expiresMs + LIMITS.skewMs) {
    await expire(edge, row, nowMs);
    return true;
  }
  // What is on its way may come there, or may not: nobody helps it on. What becomes of it, evidence or its time says.
  if (row.envelope && isTakenBack(edge, row)) {
    edge.outbox.retryAt(row.id, nowMs + LAST_RESEND_MS);
    return false;
  }
  // What saves a life waits for nobody's slowness.
  const patienceMs = row.isEmergency ? undefined : edge.underWay.patienceMs(nationOf(row.to));
  const againMs = resendAtMs(nowMs, row.attempts, patienceMs);
  try {
    if (row.envelope) await sendSealedAgain(edge, row, row.envelope, againMs);
    else await sendFirst(edge, row, againMs);
    return true;
  } catch (error) {
    if (error instanceof Rejection) {
      const end = { outcome: 'refused', code: error.code, reason: error.message, atMs: nowMs } as const;
      // A form that was sent before a restore may have taken its place meanwhile: what is said of this one is not said of that.
      edge.db.transaction(() => {
        if (edge.outbox.find(row.id)?.state === row.state) edge.outbox.conclude(row.id, end);
      });
      return true;
    }
    // How long an outage lasts is no measure of the way, and what has not left takes nobody's place.
    edge.underWay.ended(row.id, false);
    tryAgainSoon(edge, row.id, error, (atMs) => edge.outbox.retryAt(row.id, atMs, row.attempts));
    return false;
  }
}

/** INVARIANT: sealed bytes are on disk before they are sent, so a crash never makes a second form of one message. */
async function sendFirst(edge: Edge, row: OutboxRow, againMs: number): Promise<void> {
  const sealed = await prepare(edge, row);
  // A form that was sent before a restore has taken its place meanwhile: that one is sent when its turn comes.
  const isSealed = await edge.commit(() => edge.outbox.seal(row.id, sealed, againMs));
  edge.checkedDrafts.forget(row.id);
  if (!isSealed) return;
  // What the rules have left out is in the journal, from when it was handed in.
  if (sealed.notes.length > row.notes.length) edge.journal.owe();
  const { messageHash: message, envelope } = sealed;
  edge.underWay.sent({ id: row.id, to: row.to, messageHash: message }, nationOf(row.to));
  edge.passed.tell({ id: row.id, messageHash: message, step: 'sealed' });
  const about = () => ({ message, isFirst: true, startedMs: row.createdMs, words: { 'message.id': row.id } });
  await edge.tracing.span('edge.send', about, () => wayOf(edge, row)(envelope));
}

async function sendSealedAgain(
  edge: Edge,
  row: OutboxRow,
  envelope: Uint8Array,
  againMs: number,
): Promise<void> {
  const { id, messageHash } = row;
  // Sealed, so that its hash is known.
  const about = () => ({ message: messageHash as Uint8Array, words: { 'message.id': id } });
  await edge.commit(() => edge.outbox.retryAt(id, againMs, row.attempts + 1));
  if (row.attempts === 0) edge.underWay.sent({ id, to: row.to, messageHash }, nationOf(row.to));
  await edge.tracing.span('edge.send-again', about, () => wayOf(edge, row)(envelope));
}

function wayOf(edge: Edge, { isEmergency }: OutboxRow) {
  return isEmergency ? edge.sendAhead : edge.send;
}

/** Nobody accepts it any more. How far it came the evidence says; where there is none, no gate has ever answered. */
async function expire(edge: Edge, row: OutboxRow, atMs: number): Promise<void> {
  const has = (word: Evidence) => edge.evidence.list(row.id).some(({ evidence }) => evidence === word);
  // Evidence may come while this member's own word is sealed: what another says supersedes it.
  const isUndecided = () => ['', 'held', 'expired'].includes(edge.outbox.standing(row.id)?.outcome ?? '');
  if (has('submission-accepted')) {
    const [there, here] = [nationOf(row.to), nationOf(edge.member)];
    // What the other gate holds has come that far.
    const isFar = has('relay-accepted') || there === here || edge.evidence.has(row.id, 'held', there);
    await sayOfOwn(edge, row, isFar ? 'not-delivered' : 'relay-failed', 'expired', isUndecided);
  }
  const reason =
    'No evidence that it arrived came back in time. Nobody accepts it any more; send it as a new message.';
  edge.db.transaction(() => {
    if (isUndecided()) edge.outbox.conclude(row.id, { outcome: 'expired', code: 'expired', reason, atMs });
  });
}
