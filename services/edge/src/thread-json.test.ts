import { readFileSync } from 'node:fs';
import { followReferral, type Referral, type Result, type Said, type StatedClock } from '@entente/contract';
import { describe, expect, test } from 'vitest';
import type { Thread } from './find-threads.js';
import { threadJson } from './thread-json.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: { content: Referral } };
const HOUR = 3_600_000;
const DELIVERED = Date.UTC(2026, 10, 24, 12);
const clock = (name: StatedClock['clock'], starts: StatedClock['starts'], ends: StatedClock['ends']) =>
  ({ clock: name, minutes: 60, kind: 'law', starts, ends }) satisfies StatedClock;

/** A referral with one clock, and outcomes of its two items so many hours after its delivery. */
function clocksAfter(
  stated: StatedClock,
  outcomes: readonly (readonly [number, Result, user?: 'told' | 'forbidden' | 'not-told'])[],
  nowHours: number,
  more: readonly Omit<Said, 'id'>[] = [],
  shownClock = stated.clock,
) {
  const referral = { ...submission.content, clocks: [stated] };
  const block = { layer: 'dns', scope_applied: 'exact-address', review_on: '2027-01-01' };
  const told = outcomes.map(
    ([hours, result, state], i) =>
      ({
        ...{ id: String(i).padStart(32, '0'), by: 'recipient', issuedAtMs: DELIVERED + hours * HOUR },
        content: {
          update: 'outcome',
          items: ['i1', 'i2'].map((id) => ({
            id,
            outcome: {
              result,
              at: '2026-11-24T12:00:00Z',
              ...(result === 'blocked' ? { block } : {}),
              ...(state ? { user: { state } } : {}),
            },
          })),
        },
      }) as unknown as Said,
  );
  const said = [...told, ...more.map((one, i) => ({ ...one, id: String(i).padStart(32, 'f') }))];
  const thread = {
    referral,
    said,
    followed: followReferral(referral, said, 'police'),
    deliveredMs: DELIVERED,
  } as unknown as Thread;
  const { clocks } = threadJson(thread, DELIVERED + nowHours * HOUR);
  const shown = clocks.find((one) => one.clock === shownClock);
  const hours = (at: string | null | undefined) => (at ? (Date.parse(at) - DELIVERED) / HOUR : null);
  return { due: hours(shown?.due_at), met: hours(shown?.met_at), isOverdue: shown?.is_overdue };
}

test('a notice that was given seven times without anybody acting is marked, until somebody does', () => {
  const isUsedUp = (times: number, stated: readonly StatedClock[], accepted = false) => {
    const words = [...Array<string>(times).fill('repeat'), ...(accepted ? ['reject'] : [])];
    const said = words.map(
      (update, i) =>
        ({
          ...{ id: String(i).padStart(32, '0'), issuedAtMs: DELIVERED + i + 1, content: { update } },
          by: update === 'reject' ? 'recipient' : 'originator',
        }) as unknown as Said,
    );
    const referral = { ...submission.content, clocks: stated };
    const followed = followReferral(referral, said, 'hotline');
    return threadJson({ referral, said, followed, deliveredMs: DELIVERED } as unknown as Thread, DELIVERED)
      .repeats_used_up;
  };
  const notice = [clock('notice-repeat', 'delivered', 'acted')];
  expect(isUsedUp(6, notice)).toBe(false);
  expect(isUsedUp(7, notice)).toBe(true);
  expect(isUsedUp(7, notice, true)).toBe(false);
  expect(isUsedUp(7, [])).toBe(false);
});

describe('a clock', () => {
  const at = (hours: number, by: Said['by'], content: object) =>
    ({ by, issuedAtMs: DELIVERED + hours * HOUR, content }) as unknown as Omit<Said, 'id'>;

  const act = clock('act-on-notice', 'delivered', 'acted');

  test('that runs from delivery is kept by acting in time, late by acting late, and overdue while nobody does', () => {
    expect(clocksAfter(act, [[0.5, 'removed']], 9)).toEqual({ due: 1, met: 0.5, isOverdue: false });
    expect(clocksAfter(act, [[2, 'removed']], 9)).toEqual({ due: 1, met: 2, isOverdue: true });
    expect(clocksAfter(act, [], 0.9)).toEqual({ due: 1, met: null, isOverdue: false });
    expect(clocksAfter(act, [], 1.1)).toEqual({ due: 1, met: null, isOverdue: true });
  });

  const review = clock('block-review', 'acted', 'reviewed');

  test('of a block runs from the block to its end, and from each time that it is said to stand', () => {
    expect(clocksAfter(review, [], 9)).toEqual({ due: null, met: null, isOverdue: false });
    expect(clocksAfter(review, [[2, 'removed']], 9)).toEqual({ due: null, met: null, isOverdue: false });
    expect(clocksAfter(review, [[2, 'blocked']], 2.5)).toEqual({ due: 3, met: null, isOverdue: false });
    expect(clocksAfter(review, [[2, 'blocked']], 9)).toEqual({ due: 3, met: null, isOverdue: true });
    const again = [
      [2, 'blocked'],
      [2.5, 'blocked'],
    ] as const;
    expect(clocksAfter(review, again, 3.2)).toEqual({ due: 3.5, met: null, isOverdue: false });
    expect(clocksAfter(review, again, 9)).toEqual({ due: 3.5, met: null, isOverdue: true });
    const ended = [
      [2, 'blocked'],
      [2.8, 'unblocked'],
    ] as const;
    expect(clocksAfter(review, ended, 9)).toEqual({ due: 3, met: 2.8, isOverdue: false });
  });

  // 2027-01-01, as the outcomes here say, is over so many hours after the delivery.
  const DAY_OVER = (Date.UTC(2027, 0, 2) - 1 - DELIVERED) / HOUR;

  test('of a block ends with the day that was said, where the stated one runs longer, and where none is stated', () => {
    for (const stated of [{ ...review, minutes: 999_999 }, act]) {
      const shown = (nowHours: number, ...more: Omit<Said, 'id'>[]) =>
        clocksAfter(stated, [[2, 'blocked']], nowHours, more, 'block-review');
      expect(shown(DAY_OVER)).toEqual({ due: DAY_OVER, met: null, isOverdue: false });
      expect(shown(DAY_OVER + 0.1)).toEqual({ due: DAY_OVER, met: null, isOverdue: true });
      const upheld = { update: 'review', clock: 'block-review', finding: 'upheld' };
      expect(shown(DAY_OVER + 9, at(5, 'recipient', upheld))).toEqual({
        due: DAY_OVER,
        met: 5,
        isOverdue: false,
      });
    }
    expect(clocksAfter(act, [[2, 'removed']], 9, [], 'block-review').due).toBe(null);
  });

  test('of blocks waits for each of them: the first that is due counts, and what is disputed is still blocked', () => {
    const of = (id: string, result: Result, reviewOn?: string) => {
      const block = { layer: 'dns', scope_applied: 'exact-address', review_on: reviewOn };
      const outcome = { result, at: '2026-11-24T12:00:00Z', ...(reviewOn ? { block } : {}) };
      return { update: 'outcome', items: [{ id, outcome }] };
    };
    const two = [
      at(1, 'recipient', of('i1', 'blocked', '2026-11-30')),
      at(2, 'recipient', of('i2', 'blocked', '2026-11-27')),
    ];
    const shown = (...more: Omit<Said, 'id'>[]) =>
      clocksAfter(act, [], 24 * 5, [...two, ...more], 'block-review');
    expect(shown()).toEqual({ due: (84 * HOUR - 1) / HOUR, met: null, isOverdue: true });
    expect(shown(at(3, 'recipient', of('i2', 'disputed')))).toMatchObject({ isOverdue: true });
    const gone = at(4, 'recipient', of('i2', 'unblocked'));
    expect(shown(gone)).toEqual({ due: (156 * HOUR - 1) / HOUR, met: null, isOverdue: false });
    const late = at(90, 'recipient', of('i2', 'already-gone'));
    const early = at(91, 'recipient', of('i1', 'unblocked'));
    expect(shown(late, early)).toEqual({ due: (84 * HOUR - 1) / HOUR, met: 90, isOverdue: true });
  });

  const reasons = clock('statement-of-reasons', 'acted', 'told');

  test('of a statement of reasons ends when the users were told, or an authority forbids it', () => {
    expect(clocksAfter(reasons, [], 9)).toEqual({ due: null, met: null, isOverdue: false });
    expect(clocksAfter(reasons, [[2, 'removed', 'told']], 9)).toEqual({ due: 3, met: 2, isOverdue: false });
    expect(clocksAfter(reasons, [[2, 'removed', 'forbidden']], 9).met).toBe(2);
    for (const said of [[[2, 'removed']], [[2, 'removed', 'not-told']]] as const)
      expect(clocksAfter(reasons, said, 9)).toEqual({ due: 3, met: null, isOverdue: true });
    const late = [
      [2, 'removed'],
      [5, 'removed', 'told'],
    ] as const;
    expect(clocksAfter(reasons, late, 9)).toEqual({ due: 3, met: 5, isOverdue: true });
    expect(clocksAfter(reasons, [[2, 'already-gone']], 9)).toEqual({ due: 3, met: 2, isOverdue: false });
    expect(clocksAfter(reasons, [[2, 'produced']], 9)).toEqual({ due: 3, met: null, isOverdue: true });
    expect(clocksAfter(reasons, [[2, 'produced', 'forbidden']], 9).met).toBe(2);
  });

  test('of scrutiny is over by itself, and nobody is late', () => {
    const scrutiny = clock('scrutiny', 'delivered', 'reviewed');
    expect(clocksAfter(scrutiny, [[0.5, 'removed']], 9)).toEqual({ due: 1, met: null, isOverdue: false });
    const reinstated = [
      [0.2, 'removed'],
      [0.8, 'restored'],
    ] as const;
    expect(clocksAfter(scrutiny, reinstated, 9).met).toBe(0.8);
  });

  test('of a preservation ends with its release', () => {
    const preserve = clock('preservation', 'acted', 'released');
    const said = [
      [1, 'preserved'],
      [1.5, 'released'],
    ] as const;
    expect(clocksAfter(preserve, said, 9)).toEqual({ due: 2, met: 1.5, isOverdue: false });
  });

  test('of an emergency ends when the recipient says that it was reviewed', () => {
    const emergency = clock('emergency-review', 'delivered', 'reviewed');
    const reviewed = at(0.5, 'recipient', { update: 'review', clock: 'emergency-review', finding: 'upheld' });
    expect(clocksAfter(emergency, [[0.1, 'produced']], 9).isOverdue).toBe(true);
    expect(clocksAfter(emergency, [[0.1, 'produced']], 9, [reviewed])).toEqual({
      due: 1,
      met: 0.5,
      isOverdue: false,
    });
  });

  test('runs for as long as it was extended', () => {
    const extendable: StatedClock = { ...act, extended_by: 'police' };
    const extended = at(0.5, 'originator', { update: 'extend', clock: 'act-on-notice', minutes: 600 });
    expect(clocksAfter(extendable, [], 9, [extended])).toEqual({ due: 10, met: null, isOverdue: false });
    expect(clocksAfter(act, [], 9, [extended])).toEqual({ due: 1, met: null, isOverdue: true });
  });
});
