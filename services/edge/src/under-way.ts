import type { Standing } from './outbox.js';
import { FIRST_RESEND_MS } from './resend.js';

/** What a gate works off in less than the time after which its members send again, also where it does not a hundred messages a second. */
const MOST_UNANSWERED = 256;
/** An outage of an hour says no more of how long what goes there now will take. */
const MOST_WAY_MS = 30_000;
/** What is not answered by then was sent again, whatever the patience: it keeps no other waiting. */
const FORGET_MS = 2 * MOST_WAY_MS;
/** One that was lost, and came again, is seen in the mean of many, and does not double it. */
const SHARE = 1 / 16;
const HALF_MS = 60_000;

/** What was sent, of those that have no end yet: the recipient never changes, and another form may have taken the place of this one. */
export type SentForm = Pick<Standing, 'id' | 'to' | 'messageHash'>;

export type UnderWay = ReturnType<typeof createUnderWay>;

/**
 * Own messages between their first sending and their end. What is handed in faster than the gate works waits in the outbox: in the gate's
 * stream it would be sent again while it waits. And what takes longer than usual, as where many send at once, is sent again later than
 * usual: repeats of what is only slow would make it slower, for ever.
 */
export function createUnderWay(now: () => number = () => performance.now()) {
  // In the order of their sending, both.
  const unanswered = new Map<string, number>();
  const all = new Map<string, { readonly atMs: number; readonly nation: string; readonly form: SentForm }>();
  const means = new Map<string, { readonly ms: number; readonly atMs: number }>();
  /** What it took lately in the mean; half of that is forgotten in a minute. */
  const wayMs = (place: string): number => {
    const { ms, atMs } = means.get(place) ?? { ms: 0, atMs: 0 };
    return ms * 0.5 ** ((now() - atMs) / HALF_MS);
  };
  const took = (place: string, sinceMs: number): void => {
    const ms = wayMs(place);
    means.set(place, { ms: ms + (Math.min(now() - sinceMs, MOST_WAY_MS) - ms) * SHARE, atMs: now() });
  };
  return Object.freeze({
    /** So many more may be sent now. */
    room: (): number => {
      const forgottenMs = now() - FORGET_MS;
      for (const [id, atMs] of unanswered) {
        if (atMs > forgottenMs) break;
        unanswered.delete(id);
      }
      return Math.max(0, MOST_UNANSWERED - unanswered.size);
    },
    sent: (form: SentForm, nation: string): void => {
      unanswered.set(form.id, now());
      all.set(form.id, { atMs: now(), nation, form });
    },
    /** Without a look into the outbox; undefined: it has ended, or this process has not sent it. */
    find: (id: string): SentForm | undefined => all.get(id)?.form,
    /** By a gate. */
    answered: (id: string): void => {
      const atMs = unanswered.get(id);
      if (atMs === undefined) return;
      unanswered.delete(id);
      took(GATE, atMs);
    },
    ended: (id: string, hasArrived: boolean): void => {
      unanswered.delete(id);
      const sent = all.get(id);
      all.delete(id);
      if (sent && hasArrived) took(sent.nation, sent.atMs);
    },
    /** After how long what goes to a nation is sent again for the first time: twice what it took lately, if that is more than 4 s. */
    patienceMs: (nation: string): number => Math.max(FIRST_RESEND_MS, 2 * wayMs(GATE), 2 * wayMs(nation)),
  });
}

/** As no nation is called. */
const GATE = '';
