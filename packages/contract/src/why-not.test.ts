import { describe, expect, test } from 'vitest';
import { AT, content, follow, outcome, REFERRAL, recipient } from './fixture/said-of.js';
import { followReferral, type Said, whyNot } from './follow-referral.js';
import type { End } from './transitions.js';
import type { Update } from './validate-content.js';

describe('nobody says', () => {
  const why = (by: End, what: Update, ...before: Said[]) =>
    whyNot(REFERRAL, follow(...before), by, what) ?? '';

  test.each([
    ['what the other end says', 'originator', content('accept'), 'Possible:'],
    [
      'that something was undone that was never done',
      'recipient',
      outcome({ i1: { result: 'unblocked' } }),
      'never blocked',
    ],
    ['anything of an item that there is not', 'recipient', outcome({ i9: {} }), 'It has i1, i2'],
    [
      'that a clock was reviewed that the referral does not have',
      'recipient',
      content('review', { clock: 'block-review', finding: 'upheld' }),
      'It has emergency-review, removal, scrutiny',
    ],
    [
      'that a clock was reviewed that ends otherwise',
      'recipient',
      content('review', { clock: 'removal', finding: 'upheld' }),
      'when the recipient has acted',
    ],
    [
      'that a clock is extended that nobody may extend',
      'originator',
      content('extend', { clock: 'emergency-review', minutes: 9999 }),
      'by nobody',
    ],
    [
      'that a clock is extended that another extends',
      'originator',
      content('extend', { clock: 'scrutiny', minutes: 9999 }),
      'by a ministry, and this referral came from a police',
    ],
    [
      'an answer to no question',
      'originator',
      content('answer', { answers: 'a'.repeat(32) }),
      'no open question',
    ],
    [
      'that it blocked more than was asked, without a reason',
      'recipient',
      outcome({
        i1: { result: 'blocked', block: { layer: 'dns', scope_applied: 'domain', review_on: '2027-01-01' } },
      }),
      'wider_because',
    ],
    ...['2020-01-01', AT.slice(0, 10)].map(
      (review_on) =>
        [
          `that it looks at a block again on ${review_on}`,
          'recipient',
          outcome({
            i1: { result: 'blocked', block: { layer: 'dns', scope_applied: 'exact-address', review_on } },
          }),
          `again on ${review_on}, which is not after`,
        ] as const,
    ),
  ] as const)('%s', (_, by, what, words) => {
    expect(why(by, what)).toContain(words);
  });

  test('no more than that: a block as wide as asked, one with a reason, and undoing where undoing is asked', () => {
    const block = (more: object) =>
      outcome({
        i1: {
          result: 'blocked',
          block: { layer: 'proxy', scope_applied: 'exact-address', review_on: '2027-01-01', ...more },
        },
      });
    expect(why('recipient', block({}))).toBe('');
    expect(why('recipient', block({ scope_applied: 'host', wider_because: 'DNS knows no paths.' }))).toBe('');
    const undo = { ...REFERRAL, action: 'unblock' } as const;
    expect(
      whyNot(undo, followReferral(undo, [], 'police'), 'recipient', outcome({ i1: { result: 'unblocked' } })),
    ).toBe(undefined);
    const blocked = recipient(block({}));
    const reviewed = content('review', { clock: 'block-review', finding: 'upheld' });
    expect(why('recipient', reviewed, blocked)).toBe('');
    expect(why('recipient', outcome({ i1: { result: 'unblocked' } }), blocked)).toBe('');
  });
});
