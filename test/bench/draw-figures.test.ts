import { expect, it } from 'vitest';
import { drawFigures } from './draw-figures.mjs';

const page = drawFigures({
  at: '2026-11-28T08:00:00.000Z',
  machine: { cores: 2, 'nats-server': '2.9.10' },
  benches: [
    {
      bench: 'flow',
      rows: [
        { what: '(a) cryptography', perSecond: 800, 'cpu unit': 'ms a referral' },
        { what: '(c) referrals <with> evidence', perSecond: 200, p99: 640 },
      ],
    },
    { bench: 'peers', rows: [], failed: 'no room on <the> disk' },
  ],
});

it('draws a plot of each figure over all that have it, beside the table and the machine', () => {
  const titles = [...page.matchAll(/<figcaption>(.*?)<\/figcaption>/g)].map(([, title]) => title);
  expect(titles).toEqual(['perSecond', 'p99']);
  const widths = [...page.matchAll(/<rect [^>]*width="(\d+)"/g)].map(([, width]) => Number(width));
  expect(widths).toHaveLength(3);
  expect((widths[0] ?? 0) / (widths[1] ?? 1)).toBeCloseTo(4, 1);
  expect(page).toContain('<td>ms a referral</td>');
  expect(page).toContain('<td>2.9.10</td>');
});

it('needs nothing from outside, escapes every word, and says what failed', () => {
  expect(page).not.toMatch(/<(script|link|img|iframe)|https?:/);
  expect(page).toContain('(c) referrals &#60;with&#62; evidence');
  expect(page).toContain('It failed: no room on &#60;the&#62; disk');
});
