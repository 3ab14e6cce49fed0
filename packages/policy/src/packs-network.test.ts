import type { Facts } from '@entente/contract';
import { describe, expect, it } from 'vitest';
import { ask, inform, order125p } from './fixture/shipped-packs.js';
import { crossing, ORDER, party } from './test-kit.js';

const FIELDS = ['free-text', 'network-address', 'content-hash'] as const;
const REPORTS: readonly (readonly [string, Partial<Facts>])[] = [
  ['csam', { category: 'csam', dataClasses: FIELDS }],
  ['terrorist-content', { category: 'terrorist-content', dataClasses: FIELDS }],
  ['hate-speech', { category: 'hate-speech', dataClasses: [...FIELDS, 'suspect.account'] }],
  ['fraud', { category: 'fraud', dataClasses: [...FIELDS, 'suspect.account', 'payment-reference'] }],
  ['phishing', { category: 'phishing', dataClasses: FIELDS }],
  ['malware', { category: 'malware', dataClasses: FIELDS }],
];
const both = (from: string, to: string, changes: Partial<Facts>) =>
  [party(from).nation, party(to).nation].map((at) => ask(crossing(from, to, changes, { at })));
const decisions = (...asked: Parameters<typeof both>) => [
  ...new Set(both(...asked).map(({ decision }) => decision)),
];

describe('in the network of DE, FR and NL, at both borders', () => {
  it.each(REPORTS)('an ordinary report passes between hotlines and to a host: %s', (_, changes) => {
    for (const [from, to] of [
      ['de', 'fr'],
      ['fr', 'nl'],
      ['nl', 'de'],
      ['de', 'de'],
    ]) {
      for (const force of ['voluntary', 'notice'] as const) {
        expect(
          decisions(`hotline.${from}`, `hotline2.${to}`, { ...changes, force, action: 'assess' }),
        ).toEqual(['permit']);
        for (const role of ['hosting', 'platform', 'cdn']) {
          expect(decisions(`hotline.${from}`, `isp.${to} ${role}`, { ...changes, force })).toEqual([
            'permit',
          ]);
        }
      }
    }
  });

  it.each(REPORTS)(
    'the name of the clerk is taken out, not a reason to refuse for good: %s',
    (_, changes) => {
      const named = { ...changes, dataClasses: [...(changes.dataClasses ?? []), 'staff.identity' as const] };
      expect(decisions('hotline.de', 'hotline.fr', named)).toEqual(['permit']);
      for (const verdict of both('hotline.de', 'isp.fr', named)) {
        expect(verdict).toMatchObject({ decision: 'refuse', remedies: ['redact:staff.identity'] });
      }
    },
  );

  it('who the victim is passes between hotlines outside of csam only to protect vital interests', () => {
    const named = { category: 'fraud', action: 'inform', dataClasses: ['victim.identity'] } as const;
    const vital = { ...named, purpose: 'victim-protection', legalBasis: ['gdpr-6-1-d'] } as const;
    expect(decisions('hotline.de', 'hotline.fr', named)).toEqual(['refuse']);
    expect(decisions('hotline.de', 'hotline.fr', { ...vital, legalBasis: ['gdpr-6-1-f'] })).toEqual([
      'refuse',
    ]);
    expect(decisions('hotline.de', 'hotline.fr', vital)).toEqual(['permit']);
  });

  it('a domain may be reported to a hotline, and to a registrar for phishing, but not to a host', () => {
    const domain = { category: 'phishing', scope: 'domain' } as const;
    expect(decisions('hotline.de', 'hotline.fr', domain)).toEqual(['permit']);
    expect(decisions('hotline.de', 'isp.fr registrar', domain)).toEqual(['permit']);
    expect(decisions('hotline.de', 'isp.fr registrar', { ...domain, scope: 'ip' })).toEqual(['refuse']);
    expect(decisions('hotline.de', 'isp.fr hosting', domain)).toEqual(['refuse']);
  });

  it('a removal order for terrorist content passes the border', () => {
    expect(decisions('ministry.de', 'isp.fr', ORDER.tco)).toEqual(['permit']);
  });

  it('a hotline hears back from providers and authorities', () => {
    expect(decisions('isp.fr', 'hotline.de', inform)).toEqual(['permit']);
    expect(decisions('ministry.fr', 'hotline.de', inform)).toEqual(['permit']);
  });

  it.each<[string, string, string, Partial<Facts>, string]>([
    ['a hotline that orders', 'hotline.de', 'isp.fr', { ...ORDER.tco }, 'order-without-competence'],
    [
      'a victim’s identity to a provider',
      'hotline.de',
      'isp.fr',
      { dataClasses: ['victim.identity'] },
      'victim-not-to-provider',
    ],
    [
      'a victim’s image to a provider',
      'hotline.de',
      'isp.fr',
      { dataClasses: ['victim.image'] },
      'victim-not-to-provider',
    ],
    [
      'a ministry that has blocked abroad',
      'ministry.de',
      'isp.fr access',
      { ...ORDER.block },
      'order-without-competence',
    ],
    [
      'a hotline that wishes a block',
      'hotline.de',
      'isp.fr access',
      { action: 'block' },
      'block-needs-order',
    ],
    [
      'a ministry with a court order',
      'ministry.de',
      'isp.fr',
      { ...ORDER.court },
      'order-without-competence',
    ],
    [
      'customer data across a border',
      'ministry.de',
      'isp.fr',
      { ...ORDER.dsa10 },
      'produce-not-across-border',
    ],
    ['TLP:RED to a provider', 'hotline.de', 'isp.fr', { handling: 'TLP:RED' }, 'red-not-to-provider'],
  ])('%s is refused, without a remedy', (_, from, to, changes, rule) => {
    for (const verdict of both(from, to, changes)) {
      expect(verdict).toMatchObject({ decision: 'refuse', remedies: [] });
      expect(verdict.rules.map(({ id }) => id)).toContain(rule);
      expect(verdict.alarm).toBeUndefined();
    }
  });

  it('a Dutch prosecutor’s order waits for the judge', () => {
    expect(ask(crossing('prosecutor.nl', 'isp.nl access', order125p))).toMatchObject({
      decision: 'hold',
      awaits: ['court@NL'],
    });
  });
});

describe('beyond the EEA', () => {
  const from = (to: string, changes: Partial<Facts> = {}) =>
    ask(crossing('hotline.de', to, changes)).decision;

  it('data goes where a decision covers the recipient', () => {
    expect([from('isp.ch'), from('isp.jp'), from('isp.gb'), from('isp.us'), from('isp.cn')]).toEqual([
      'permit',
      'permit',
      'permit',
      'refuse',
      'refuse',
    ]);
  });

  it('an authority reaches one that the Law Enforcement Directive or a treaty covers, a hotline does not', () => {
    const police = (to: string) => ask(crossing('police.de', to, inform)).decision;
    expect([police('police.ch'), police('police.us'), police('police.jp')]).toEqual([
      'permit',
      'permit',
      'refuse',
    ]);
    expect([from('police.us', inform), from('police.jp', inform)]).toEqual(['refuse', 'refuse']);
  });
});
