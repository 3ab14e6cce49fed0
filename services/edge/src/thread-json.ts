import { type Clock, possibleUpdates, type Result, type StatedClock } from '@entente/contract';
import { blockReview } from './block-review.js';
import { keptBack } from './correct-onward.js';
import type { Thread } from './find-threads.js';
import type { Edge } from './state.js';
import { isRepeatOver } from './watch-clocks.js';

/** One referral with what became of it, as the API shows it. */
export function threadJson(thread: Thread, nowMs: number) {
  const { id, end, counterpart, referral, said, followed, deliveredMs } = thread;
  const { state, items, questions, isEscalated, repeats, removeCopy, withoutEffect } = followed;
  return {
    message: id,
    end,
    counterpart,
    action: referral.action,
    force: referral.force,
    state,
    items: items.map(({ id: item, outcome, results, check, correctedTo }) => ({
      id: item,
      ...(correctedTo ? { corrected_to: correctedTo } : {}),
      ...(outcome ? { outcome } : {}),
      results,
      ...(check ? { check } : {}),
    })),
    questions: said
      .filter((one) => questions.includes(one.id))
      .map((one) => ({ id: one.id, text: one.content.text ?? '' })),
    is_escalated: isEscalated,
    repeats,
    repeats_used_up: isRepeatOver(thread),
    copy_recalled: removeCopy,
    said: said.map((one) => ({
      id: one.id,
      by: one.by,
      at: new Date(one.issuedAtMs).toISOString(),
      content: one.content,
      without_effect: withoutEffect.find((other) => other.id === one.id)?.why ?? '',
    })),
    clocks: clocksOf(thread, deliveredMs, nowMs),
    possible: possibleUpdates(followed, end),
  };
}

/** The cases that this member made of a referral by sending it on or escalating it, and the one that it made this of. */
export function linksJson(edge: Edge, thread: Thread) {
  const { forwards, member } = edge;
  const { id, caseId, counterpart, end } = thread;
  const sender = end === 'recipient' ? counterpart : member;
  // Who chooses the id of a message to us does not make it one of ours.
  const source = end === 'originator' ? forwards.sourceOf(id) : undefined;
  return {
    sent_on: forwards.of({ caseId, sender, id }).map((one) => ({ case_id: one.caseId, message: one.id })),
    kept_back: keptBack(edge, thread),
    made_of: source ? { case_id: source.caseId, message: source.id } : null,
  };
}

/** In which somebody may act and need not: when it is over, nobody is late. */
const MAY: readonly Clock[] = ['scrutiny'];

/** Each deadline with the moment it ends, as far as what starts it has happened, and when it was kept; both ends read the same. */
function clocksOf(thread: Thread, deliveredMs: number | null, nowMs: number) {
  return withReview(thread).map((clock) => {
    const minutes = thread.followed.extended[clock.clock] ?? clock.minutes;
    const endMs = (startedMs: number | null) => (startedMs === null ? null : startedMs + minutes * MINUTE_MS);
    const startedMs = startOf(thread, clock, deliveredMs);
    const isStated = startedMs !== null && thread.referral.clocks?.includes(clock);
    const statedMs = (blockedMs: number) => (isStated ? endMs(Math.max(startedMs, blockedMs)) : null);
    const { dueMs, metMs } = isOfBlocks(clock)
      ? (blockReview(thread, statedMs) ?? NOTHING)
      : { dueMs: endMs(startedMs), metMs: endOf(thread, clock) };
    return {
      ...clock,
      minutes,
      is_extended: minutes !== clock.minutes,
      due_at: iso(dueMs),
      met_at: iso(metMs),
      is_overdue: !MAY.includes(clock.clock) && dueMs !== null && (metMs ?? nowMs) > dueMs,
    };
  });
}

function isOfBlocks({ clock, ends }: StatedClock): boolean {
  return clock === 'block-review' && ends === 'reviewed';
}

const MINUTE_MS = 60_000;
/** Nothing is blocked. */
const NOTHING = { dueMs: null, metMs: null };

/** Every block is looked at again, also where no table of the recipient's nation sets a clock for it. */
function withReview(thread: Thread): readonly StatedClock[] {
  const { clocks = [] } = thread.referral;
  const own = clocks.some(isOfBlocks) ? undefined : blockReview(thread, () => null);
  const { actedAtMs } = thread.followed;
  if (!own) return clocks;
  const minutes = actedAtMs === undefined ? 0 : Math.max(0, Math.ceil((own.dueMs - actedAtMs) / MINUTE_MS));
  return [...clocks, { clock: 'block-review', minutes, kind: 'practice', starts: 'acted', ends: 'reviewed' }];
}

function startOf({ referral, followed }: Thread, { starts }: StatedClock, deliveredMs: number | null) {
  if (starts === 'delivered') return deliveredMs;
  if (starts === 'acted') return followed.actedAtMs ?? null;
  return Date.parse(referral.order?.issued_at ?? '') || null;
}

/** What each clock waits for. What waits for a review also ends with what was to be reviewed. */
function endOf(thread: Thread, { clock, ends }: StatedClock): number | null {
  const { answeredAtMs, actedAtMs } = thread.followed;
  if (ends === 'answered') return answeredAtMs ?? null;
  if (ends === 'acted') return actedAtMs ?? null;
  if (ends === 'told') return whenTold(thread);
  if (ends === 'released') return lastOutcome(thread, ['released', 'produced']);
  const reviewed = thread.followed.reviewedAtMs[clock];
  if (reviewed !== undefined) return reviewed;
  return lastOutcome(thread, ['unblocked', 'released', 'restored']);
}

const OWED_REASONS: readonly Result[] = ['removed', 'account-suspended', 'access-disabled', 'produced'];

/**
 * When the users of all items that were restricted, or whose data were produced (DSA Art. 10(5)), had been told, or it was said that an
 * authority forbids it. Where neither was done nobody has to be told, and the clock is over as it starts.
 */
function whenTold({ said, followed }: Thread): number | null {
  if (followed.actedAtMs === undefined) return null;
  const owed = followed.items.filter(({ results }) => results.some((one) => OWED_REASONS.includes(one)));
  const told = owed.map(
    ({ id }) =>
      said.find(({ content }) =>
        content.items?.some(
          (item) => item.id === id && ['told', 'forbidden'].includes(item.outcome?.user?.state ?? ''),
        ),
      )?.issuedAtMs,
  );
  return told.includes(undefined) ? null : Math.max(followed.actedAtMs, ...told.map(Number));
}

function lastOutcome({ said }: Thread, results: readonly Result[]): number | null {
  const last = said
    .filter(({ content }) =>
      content.items?.some(({ outcome }) => outcome && results.includes(outcome.result)),
    )
    .map(({ issuedAtMs }) => issuedAtMs);
  return last.length === 0 ? null : Math.max(...last);
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
