import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Clock, RESULT, UPDATE } from '../gen/vocabulary.js';
import { contentAt, readText, validContents } from './fixture/vectors.js';
import { followReferral, possibleUpdates, type Said, whyNot } from './follow-referral.js';
import { drawTransitions, type End, REFERRAL_STATES, TRANSITIONS } from './transitions.js';
import type { ItemOutcome, Referral, Update } from './validate-content.js';

const REFERRAL: Referral = {
  ...contentAt('csam/valid/hotline-to-hotline-of-the-hosting-country'),
  action: 'remove',
  items: [
    { id: 'i1', scope: 'exact-address' },
    { id: 'i2', scope: 'exact-address' },
  ],
  clocks: [
    { clock: 'emergency-review', minutes: 2880, kind: 'practice', starts: 'delivered', ends: 'reviewed' },
    { clock: 'removal', minutes: 60, kind: 'law', starts: 'delivered', ends: 'acted', extended_by: 'police' },
    {
      clock: 'scrutiny',
      minutes: 90,
      kind: 'law',
      starts: 'acted',
      ends: 'answered',
      extended_by: 'ministry',
    },
  ],
};
const BASE = validContents('update').find(([name]) => name === 'accepted-with-a-date')?.[1].content as Update;
const AT = '2026-11-20T14:02:31Z';
const { act_by: _, ...PLAIN } = BASE;
const content = (update: Update['update'], more: Partial<Update> = {}): Update => ({
  ...PLAIN,
  update,
  ...more,
});
const outcome = (results: Record<string, Partial<ItemOutcome>>): Update =>
  content('outcome', {
    items: Object.entries(results).map(([id, one]) => ({
      id,
      outcome: { result: 'removed', at: AT, ...one },
    })),
  });

let clock = 0;
const says = (by: End, what: Update): Said => ({
  id: (++clock).toString(16).padStart(32, '0'),
  by,
  issuedAtMs: 1_000 * clock,
  content: what,
});
const follow = (...said: Said[]) => followReferral(REFERRAL, said, 'police');
const recipient = (what: Update) => says('recipient', what);
const originator = (what: Update) => says('originator', what);

describe('a referral', () => {
  test('is open until somebody says something, and acted when every item has an outcome that lasts', () => {
    expect(follow().state).toBe('open');
    expect(follow(recipient(content('accept'))).state).toBe('accepted');
    const first = recipient(outcome({ i1: {} }));
    expect(follow(first).state).toBe('accepted');
    const going = recipient(outcome({ i2: { result: 'in-progress' } }));
    expect(follow(first, going).state).toBe('accepted');
    const last = recipient(outcome({ i2: { result: 'not-our-network' } }));
    const acted = follow(first, going, last);
    expect(acted).toMatchObject({
      state: 'acted',
      answeredAtMs: first.issuedAtMs,
      actedAtMs: last.issuedAtMs,
    });
    expect(acted.items[1]?.results).toEqual(['in-progress', 'not-our-network']);
  });

  test('is told to its end though it was rejected, closed or recalled: undoing always is', () => {
    const removed = recipient(outcome({ i1: {}, i2: {} }));
    const recalled = originator(content('recall', { recall_ground: 'mistake', remove_copy: true }));
    const restored = recipient(outcome({ i1: { result: 'restored' }, i2: { result: 'restored' } }));
    const followed = follow(removed, recalled, restored);
    expect(followed).toMatchObject({ state: 'recalled', removeCopy: true, withoutEffect: [] });
    expect(followed.items[0]?.outcome?.result).toBe('restored');
  });

  test('is looked at again after a correction, which voids the outcome of what it corrects', () => {
    const followed = follow(
      recipient(outcome({ i1: {}, i2: {} })),
      originator(content('correct', { text: 'One digit.', items: [{ id: 'i1', address: {} }] })),
    );
    expect(followed.state).toBe('open');
    expect(followed.items.map((item) => item.outcome?.result)).toEqual([undefined, 'removed']);
  });

  test('has the address that the last correction gave an item, and not what was seen at the one before', () => {
    const correct = (item: string, url?: string) =>
      originator(
        content('correct', {
          text: 'A letter.',
          items: [{ id: item, ...(url ? { address: { url } } : {}) }],
        }),
      );
    const seen = originator(
      content('check', { items: [{ id: 'i1', check: { seen: 'gone', at: AT, from_country: 'DE' } }] }),
    );
    const { items } = follow(seen, correct('i1', 'https://a.example/'), correct('i1', 'https://b.example/'));
    expect(items.map(({ correctedTo, check }) => ({ correctedTo, check }))).toEqual([
      { correctedTo: { url: 'https://b.example/' }, check: undefined },
      { correctedTo: undefined, check: undefined },
    ]);
    const again = follow(correct('i2', 'https://a.example/'), correct('i2'), seen);
    expect(again.items[1]?.correctedTo).toEqual({ url: 'https://a.example/' });
    expect(again.items[0]?.check?.seen).toBe('gone');
    const taken = originator(content('recall', { recall_ground: 'mistake' }));
    expect(follow(taken, correct('i1', 'https://a.example/')).items[0]?.correctedTo).toBeUndefined();
  });

  test('keeps its questions until they are answered, each by its own answer', () => {
    const [one, two] = [
      recipient(content('ask', { text: 'Which?' })),
      recipient(content('ask', { text: 'When?' })),
    ];
    const answer = originator(content('answer', { text: 'This.', answers: one.id }));
    expect(follow(one, two, answer).questions).toEqual([two.id]);
    const again = originator(content('answer', { text: 'That.', answers: one.id }));
    expect(follow(one, two, answer, again).withoutEffect).toMatchObject([{ id: again.id }]);
  });

  test('what crossed a recall on its way changes nothing, and says so', () => {
    const recall = originator(content('recall', { recall_ground: 'mistake' }));
    const accept = recipient(content('accept'));
    const followed = follow(recall, accept);
    expect(followed.state).toBe('recalled');
    expect(followed.withoutEffect).toEqual([{ id: accept.id, why: expect.stringContaining('"accept"') }]);
  });
});

describe('a clock', () => {
  const extend = (minutes: number) =>
    originator(content('extend', { clock: 'removal', minutes, text: 'Holiday.' }));
  const review = (finding: Update['finding']) =>
    recipient(
      content('review', { clock: 'emergency-review', finding, text: 'By two of us.' } as Partial<Update>),
    );

  test('is extended by whom the law names, once and again, and never shortened', () => {
    expect(follow(extend(120)).extended).toEqual({ removal: 120 });
    expect(follow(extend(120), extend(180)).extended).toEqual({ removal: 180 });
    const [longer, shorter] = [extend(180), extend(120)];
    const followed = follow(longer, shorter);
    expect(followed.extended).toEqual({ removal: 180 });
    expect(followed.withoutEffect).toEqual([
      { id: shorter.id, why: expect.stringContaining('180 minutes already') },
    ]);
  });

  test('is extended by nobody else', () => {
    const one = extend(120);
    const followed = followReferral(REFERRAL, [one], 'hotline');
    expect(followed.extended).toEqual({});
    expect(followed.withoutEffect).toMatchObject([
      { id: one.id, why: expect.stringContaining('by a police') },
    ]);
  });

  test('that waits for a review ends with the last one, and the referral stays what it is', () => {
    const [first, last] = [review('upheld'), review('not-upheld')];
    expect(follow(first, last)).toMatchObject({
      state: 'open',
      reviewedAtMs: { 'emergency-review': last.issuedAtMs },
      withoutEffect: [],
    });
    const closed = originator(content('close'));
    expect(follow(closed, review('upheld')).reviewedAtMs).toHaveProperty('emergency-review');
  });
});

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

const anything = fc.record({
  id: fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16).padStart(32, '0')),
  by: fc.constantFrom<End>('originator', 'recipient'),
  issuedAtMs: fc.integer({ min: 1, max: 40 }),
  content: fc
    .record({
      update: fc.constantFrom(...UPDATE),
      result: fc.constantFrom(...RESULT),
      item: fc.constantFrom('i1', 'i2', 'i3'),
      answers: fc.integer({ min: 0, max: 0xf }).map((n) => n.toString(16).padStart(32, '0')),
      clock: fc.constantFrom<Clock>('emergency-review', 'removal', 'scrutiny', 'block-review'),
      minutes: fc.integer({ min: 1, max: 200 }),
    })
    .map(({ update, result, item, answers, clock, minutes }) =>
      content(update, {
        answers,
        ...(update === 'review' || update === 'extend' ? { clock, minutes } : {}),
        ...(update === 'outcome' ? { items: [{ id: item, outcome: { result, at: AT } }] } : {}),
      }),
    ),
});

test('both ends come to the same, in whatever order things arrive', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anything, { selector: ({ id }) => id, maxLength: 30 }),
      fc.infiniteStream(fc.nat()),
      (said, random) => {
        const shuffled = said
          .map((one) => ({ one, key: random.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        expect(followReferral(REFERRAL, shuffled, 'police')).toEqual(
          followReferral(REFERRAL, said, 'police'),
        );
      },
    ),
  );
});

test('what a state allows is what changes it, and nothing else does', () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 20 }), anything, (said, next) => {
      const last = { ...next, id: 'f'.repeat(32), issuedAtMs: 1000 };
      const before = followReferral(REFERRAL, said, 'police');
      const after = followReferral(REFERRAL, [...said, last], 'police');
      const isPossible = possibleUpdates(before, last.by).includes(last.content.update);
      const isWithout = after.withoutEffect.some(({ id }) => id === last.id);
      if (!isPossible) expect(isWithout).toBe(true);
      if (isWithout) expect({ ...after, withoutEffect: before.withoutEffect }).toEqual(before);
      expect(REFERRAL_STATES).toContain(after.state);
    }),
  );
});

test('every update has its transition, by one end only', () => {
  for (const update of UPDATE) {
    expect(new Set(TRANSITIONS.filter((one) => one.update === update).map(({ by }) => by)).size).toBe(1);
  }
});

test('the drawing in the documents is that of the code', () => {
  expect(readText('docs/cases.md')).toContain(`\`\`\`mermaid\n${drawTransitions()}\n\`\`\``);
});
