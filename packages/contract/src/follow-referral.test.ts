import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Clock, RESULT, UPDATE } from '../gen/vocabulary.js';
import { drawTransitions } from './fixture/draw-transitions.js';
import { AT, content, follow, originator, outcome, REFERRAL, recipient } from './fixture/said-of.js';
import { readText } from './fixture/vectors.js';
import { followReferral, possibleUpdates } from './follow-referral.js';
import { type End, TRANSITIONS } from './transitions.js';
import type { Update } from './validate-content.js';

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

  test('that waits for a review ends with the first one, and the referral stays what it is', () => {
    const [first, last] = [review('upheld'), review('not-upheld')];
    expect(follow(first, last)).toMatchObject({
      state: 'open',
      reviewedAtMs: { 'emergency-review': first.issuedAtMs },
      withoutEffect: [],
    });
    const closed = originator(content('close'));
    expect(follow(closed, review('upheld')).reviewedAtMs).toHaveProperty('emergency-review');
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
      expect(['open', 'acted', ...TRANSITIONS.map(({ to }) => to)]).toContain(after.state);
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
