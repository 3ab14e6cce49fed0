import { describe, expect, test } from 'vitest';
import { escapeHtml } from '../html-page.js';
import { DAY, HOUR, MINUTE, START, story } from './fixture/story.js';
import { reportHtml } from './report-html.js';
import { NOT_SHOWN, reportCsv, reportLines } from './report-words.js';
import { PUBLIC_RULE, roundForPublic } from './round-for-public.js';
import { sectionsOf } from './sections.js';

test('each leg of the way is measured once, from the desk that reports to the desk that acts', () => {
  const { both, notice, update, say, end } = story();
  both(0, notice('a'));
  say(3 * MINUTE, 'a', 'delivered');
  say(13 * MINUTE, 'a', 'retrieved');
  both(63 * MINUTE, update('a', 'accept', 'isp.fr'));
  both(123 * MINUTE, update('a', 'outcome', 'isp.fr', { results: [{ word: 'removed', count: 2 }] }));
  both(999 * MINUTE, update('a', 'outcome', 'isp.fr', { results: [{ word: 'removed', count: 2 }] }));
  const { legs } = end();
  const of = (leg: string) => legs.find((one) => one.leg === leg && one.to === 'hosting');
  expect(legs.map(({ way }) => way)).not.toContain('FR → DE');
  expect(of('sender to first gate')).toMatchObject({ count: 1, longest: MINUTE });
  expect(of('gate to gate')).toMatchObject({ count: 1, longest: MINUTE });
  expect(of('last gate to delivery')).toMatchObject({ count: 1, longest: 2 * MINUTE });
  expect(of('first gate to delivery')).toMatchObject({ count: 1, longest: 3 * MINUTE });
  expect(of('delivery to opening')).toMatchObject({ count: 1, longest: 10 * MINUTE });
  expect(of('delivery to first word')).toMatchObject({ count: 1, longest: 60 * MINUTE });
  expect(of('delivery to action')).toMatchObject({ count: 1, longest: 120 * MINUTE });
  expect(of('first gate to action')).toMatchObject({ count: 1, longest: 123 * MINUTE });
});

test('a provider is measured by what it acted on, and by when', () => {
  const { both, notice, update, say, end } = story();
  for (const [i, days] of [0.5, 3, 10, null].entries()) {
    const id = `n${i}`;
    both(i, notice(id));
    say(MINUTE, id, 'delivered');
    if (days !== null)
      both(days * DAY, update(id, 'outcome', 'isp.fr', { results: [{ word: 'removed', count: 1 }] }));
  }
  const [answers] = end().outcomes.answers;
  expect(answers).toMatchObject({ recipient: 'isp.fr', delivered: 4, actedIn1: 1, actedIn7: 2 });
  expect(answers?.acted).toMatchObject({ count: 3, longest: 10 * DAY - MINUTE });
});

test('gaps: no way, no word, back again, only blocked', () => {
  const { both, log, notice, update, say, end } = story();
  const refused = {
    stage: 'leave',
    event: 'rejection',
    verdict: { decision: 'refuse', code: 'no-counterpart' },
  };
  log('DE', 0, notice('r', { to: 'isp.in' }), refused);
  log('DE', 0, notice('q', { to: 'nonsense' }), {
    ...refused,
    verdict: { decision: 'refuse', code: 'recipient-unknown' },
  });
  both(1, notice('lost'));
  both(2, notice('silent'));
  say(MINUTE, 'silent', 'delivered');
  both(3, notice('back'));
  say(MINUTE, 'back', 'delivered');
  both(HOUR, update('back', 'outcome', 'isp.fr', { results: [{ word: 'removed', count: 2 }] }));
  both(2 * HOUR, update('back', 'check', 'hotline.de', { checks: [{ word: 'gone', count: 2 }] }));
  both(9 * DAY, update('back', 'check', 'hotline.de', { checks: [{ word: 'up', count: 1 }] }));
  both(4, notice('block', { toRole: 'access', facts: { category: 'csam', action: 'block', itemCount: 1 } }));
  say(MINUTE, 'block', 'delivered');
  both(HOUR, update('block', 'outcome', 'isp.fr', { results: [{ word: 'blocked', count: 1 }] }));
  const { gaps, refusals } = end();
  expect(gaps.noRoute).toEqual([
    { way: 'DE → IN', code: 'no-counterpart', count: 1 },
    { way: 'DE → ?', code: 'recipient-unknown', count: 1 },
  ]);
  expect(refusals).toHaveLength(2);
  expect(gaps.undelivered).toEqual([{ way: 'DE → FR', category: 'csam', count: 1 }]);
  expect(gaps.unanswered).toEqual([
    { recipient: 'isp.fr', category: 'csam', since: 'more than 7 days', count: 1 },
  ]);
  expect(gaps.cameBack).toEqual([
    { recipient: 'isp.fr', category: 'csam', after: 'seen gone', count: 1 },
    { recipient: 'isp.fr', category: 'csam', after: 'said to be removed', count: 1 },
  ]);
  expect(gaps.removal).toEqual([
    { category: 'csam', how: 'removed', count: 1 },
    { category: 'csam', how: 'only blocked', count: 1 },
  ]);
});

test('what another member than the recipient says ends no clock and closes no gap', () => {
  const { both, notice, update, say, end } = story();
  both(0, notice('a'));
  say(MINUTE, 'a', 'delivered');
  both(HOUR, {
    ...update('a', 'outcome', 'isp.fr', { results: [{ word: 'removed', count: 2 }] }),
    from: 'other.fr',
  });
  const { gaps, legs, outcomes } = end();
  expect(gaps.unanswered).toHaveLength(1);
  expect(legs.some(({ leg }) => leg === 'delivery to action')).toBe(false);
  expect(outcomes.answers[0]?.acted.count).toBe(0);
});

describe('the log of one nation alone', () => {
  const told = (nations: string[]) => {
    const { both, notice, update, say, end } = story({}, nations);
    for (const id of ['a', 'b', 'c']) {
      both(0, notice(id));
      say(3 * MINUTE, id, 'delivered');
      say(13 * MINUTE, id, 'retrieved');
      both(63 * MINUTE, update(id, 'accept', 'isp.fr'));
      both(123 * MINUTE, update(id, 'outcome', 'isp.fr', { results: [{ word: 'removed', count: 2 }] }));
    }
    return end();
  };

  test.each([[['DE']], [['FR']], [['DE', 'FR']]])(
    'of %j: what arrived and was acted on is no gap, and counts once',
    (nations) => {
      const { gaps, outcomes } = told(nations);
      expect([gaps.undelivered, gaps.unanswered]).toEqual([[], []]);
      expect(gaps.removal).toEqual([{ category: 'csam', how: 'removed', count: 3 }]);
      expect(outcomes.results).toMatchObject([
        { recipient: 'isp.fr', result: 'removed', count: 6, referrals: 3 },
      ]);
      expect(outcomes.answers).toMatchObject([{ delivered: 3, actedIn1: 3, answered: { count: 3 } }]);
      expect(outcomes.gone).toMatchObject([{ items: 6, referrals: 3 }]);
    },
  );

  test('times what its gate has seen of the way, and no leg between gates', () => {
    const counted = (nations: string[]) =>
      told(nations)
        .legs.filter(({ to }) => to === 'hosting')
        .map(({ leg, count, longest }) => [leg, count, longest]);
    expect(counted(['DE'])).toEqual([
      ['sender to first gate', 3, MINUTE],
      ['first gate to delivery', 3, 4 * MINUTE],
      ['delivery to opening', 3, 10 * MINUTE],
      ['delivery to first word', 3, 60 * MINUTE],
      ['delivery to action', 3, 120 * MINUTE],
      ['first gate to action', 3, 124 * MINUTE],
    ]);
    expect(counted(['FR'])).toEqual([
      ['last gate to delivery', 3, 2 * MINUTE],
      ['delivery to opening', 3, 10 * MINUTE],
      ['delivery to first word', 3, 60 * MINUTE],
      ['delivery to action', 3, 120 * MINUTE],
    ]);
  });
});

describe('a time that is asked for', () => {
  const YEAR = 365 * DAY;

  test('has what was handed over in it, and what became of that later', () => {
    const { both, notice, update, say, end } = story({ fromMs: START, toMs: START + 31 * DAY });
    for (const id of ['first', 'last']) {
      const atMs = id === 'first' ? 0 : 30 * DAY;
      both(atMs, notice(id));
      say(atMs + MINUTE, id, 'delivered');
      both(atMs + 3 * DAY, update(id, 'outcome', 'isp.fr', { results: [{ word: 'removed', count: 2 }] }));
      both(atMs + 5 * DAY, update(id, 'check', 'hotline.de', { checks: [{ word: 'gone', count: 2 }] }));
    }
    both(32 * DAY, notice('after'));
    both(40 * DAY, update('first', 'note', 'hotline.de'));
    const { decisions, outcomes, gaps, until } = end();
    expect(decisions.reduce((all, { count }) => all + count, 0)).toBe(8);
    expect(outcomes.answers).toMatchObject([{ delivered: 2, actedIn7: 2 }]);
    expect([gaps.undelivered, gaps.unanswered]).toEqual([[], []]);
    expect(outcomes.gone).toMatchObject([
      {
        items: 4,
        within: [
          { days: 1, items: 4, gone: 0 },
          { days: 2, items: 4, gone: 0 },
          { days: 7, items: 4, gone: 4 },
          // The other is ten days old.
          { days: 28, items: 2, gone: 2 },
        ],
      },
    ]);
    expect(until).toBe(new Date(START + 40 * DAY + MINUTE).toISOString());
  });

  test('tells nothing of what came so late that it can be about nothing in it', () => {
    const { both, notice, update, end } = story({ fromMs: START, toMs: START + DAY });
    both(0, notice('a'));
    both(YEAR, update('a', 'outcome', 'isp.fr', { results: [{ word: 'removed', count: 2 }] }));
    expect(end().outcomes.results).toEqual([]);
  });

  test('a hold that ends later has ended, and one that does not waits', () => {
    const { both, notice, end } = story({ fromMs: START, toMs: START + DAY });
    for (const id of ['ends', 'waits', 'after'])
      both(id === 'after' ? 2 * DAY : MINUTE, notice(id), { verdict: { decision: 'hold' } });
    both(3 * DAY, notice('ends'), { step: 'release', verdict: { decision: 'permit' } });
    expect(end().holds).toMatchObject({
      ...{ held: 4, ended: { permit: 2 } },
      waiting: { count: 2, sinceMs: START + MINUTE },
    });
  });
});

test('every form of a report says what it does not show, and CSV names each value', () => {
  const { both, notice, say, end } = story();
  both(0, notice('a'));
  say(MINUTE, 'a', 'delivered');
  const statistics = end();
  const sections = sectionsOf(statistics);
  const fault = { nation: 'DE', index: 3, code: 'record-missing', detail: 'it is gone' } as const;
  const about = { statistics, isPublic: true, faults: [fault] };
  const lines = reportLines(sections, about).join('\n');
  const csv = reportCsv(sections, about);
  const html = reportHtml(sections, about);
  for (const words of [...NOT_SHOWN, PUBLIC_RULE, 'FAULT DE entry 3 record-missing: it is gone']) {
    expect(lines).toContain(words);
    expect(csv.join('\n')).toContain(words.replaceAll('"', '""'));
    expect(html).toContain(escapeHtml(words));
  }
  expect(csv[0]).toBe('section,row,column,value');
  expect(csv).toContain('"Decided at each border","1","way","DE → FR"');
  expect(csv).toContain('"Time of each leg","1","median_ms","60000"');
  expect(new Set(csv.map((line) => line.split(/,(?=")/).length))).toEqual(new Set([1, 4]));
});

test('only the days asked for count', () => {
  const { both, notice, end } = story({ fromMs: START + DAY, toMs: START + 2 * DAY });
  for (const [i, atMs] of [0, DAY, 2 * DAY].entries()) both(atMs, notice(`n${i}`));
  const { decisions, from, to } = end();
  expect(decisions.map(({ count }) => count)).toEqual([1, 1]);
  expect([from, to]).toEqual(['2026-03-02T00:00:00.000Z', '2026-03-03T00:00:00.000Z']);
});

test('the page for the public shows no small number, in no plot either, and escapes what it is given', () => {
  const { both, notice, say, end } = story();
  for (let i = 0; i < 3; i++)
    both(i, notice(`few${i}`, { facts: { category: '<b>', action: 'remove', itemCount: 1 } }));
  for (let i = 0; i < 12; i++) both(i, notice(`many${i}`));
  for (let i = 0; i < 12; i++) say(MINUTE, `many${i}`, 'delivered');
  const counted = end();
  const statistics = roundForPublic(counted);
  const page = reportHtml(sectionsOf(statistics), { statistics, isPublic: true, faults: [] });
  expect(page).toContain('<svg');
  expect(page).not.toMatch(/<script|https?:|<b>|&#60;b/);
  expect(page).not.toMatch(/>(?:[1-4]|\d*[1-46-9])<\/(?:text|td)>/);
  const own = reportHtml(sectionsOf(counted), { statistics: counted, isPublic: false, faults: [] });
  expect(own).toContain('&#60;b&#62;, remove');
  expect(own).toMatch(/>3<\/(?:text|td)>/);
});
