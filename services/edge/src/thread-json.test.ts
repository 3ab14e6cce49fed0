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
  const [shown] = threadJson(thread, DELIVERED + nowHours * HOUR).clocks;
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
  const act = clock('act-on-notice', 'delivered', 'acted');

  test('that runs from delivery is kept by acting in time, late by acting late, and overdue while nobody does', () => {
    expect(clocksAfter(act, [[0.5, 'removed']], 9)).toEqual({ due: 1, met: 0.5, isOverdue: false });
    expect(clocksAfter(act, [[2, 'removed']], 9)).toEqual({ due: 1, met: 2, isOverdue: true });
    expect(clocksAfter(act, [], 0.9)).toEqual({ due: 1, met: null, isOverdue: false });
    expect(clocksAfter(act, [], 1.1)).toEqual({ due: 1, met: null, isOverdue: true });
  });

  const review = clock('block-review', 'acted', 'reviewed');

  test('of a block runs from the block, and ends with its end or when it is said again to stand', () => {
    expect(clocksAfter(review, [], 9)).toEqual({ due: null, met: null, isOverdue: false });
    expect(clocksAfter(review, [[2, 'blocked']], 2.5)).toEqual({ due: 3, met: null, isOverdue: false });
    expect(clocksAfter(review, [[2, 'blocked']], 9)).toEqual({ due: 3, met: null, isOverdue: true });
    const again = [
      [2, 'blocked'],
      [2.5, 'blocked'],
    ] as const;
    expect(clocksAfter(review, again, 9)).toEqual({ due: 3, met: 2.5, isOverdue: false });
    const ended = [
      [2, 'blocked'],
      [2.8, 'unblocked'],
    ] as const;
    expect(clocksAfter(review, ended, 9)).toEqual({ due: 3, met: 2.8, isOverdue: false });
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

  const at = (hours: number, by: Said['by'], content: object) =>
    ({ by, issuedAtMs: DELIVERED + hours * HOUR, content }) as unknown as Omit<Said, 'id'>;

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
