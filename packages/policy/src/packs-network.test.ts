import type { Facts } from '@entente/contract';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.js';
import { findCompetence } from './find-standing.js';
import { ask, inform, order125p } from './fixture/shipped-packs.js';
import { crossing, ORDER, party, withCopy } from './fixture/test-kit.js';
import { loadPack } from './load-pack.js';

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
    expect(decisions('police.de', 'isp.fr', ORDER.tco)).toEqual(['permit']);
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

describe('by the laws of each nation', () => {
  it('only where access providers block by agreement is a wish enough, and only as narrow as agreed', () => {
    const wish = { action: 'block', force: 'voluntary' } as const;
    const asked = (from: string, to: string, changes: Partial<Facts> = {}) =>
      decisions(from, to, { ...wish, ...changes });
    expect(asked('hotline.gb', 'isp.gb access')).toEqual(['permit']);
    expect(asked('hotline.de', 'isp.gb access')).toEqual(['refuse']);
    expect(asked('hotline.gb', 'isp.gb access', { category: 'hate-speech' })).toEqual(['refuse']);
    expect(asked('police.no', 'isp.no access', { scope: 'domain' })).toEqual(['permit']);
    expect(asked('hotline.no', 'isp.no access')).toEqual(['refuse']);
    expect(asked('police.fr', 'isp.fr access')).toEqual(['refuse']);
  });

  it('an emergency tells each recipient what its row lists and no more', () => {
    const life = { ...inform, urgency: 'emergency' } as const;
    const told = (to: string, dataClass: Facts['dataClasses'][number]) =>
      decisions('police.de', to, { ...life, dataClasses: [dataClass] });
    expect(told('isp.fr access', 'customer.address')).toEqual(['permit']);
    expect(told('isp.fr registrar', 'customer.address')).toEqual(['refuse']);
    expect(told('hotline.fr', 'victim.identity')).toEqual(['permit']);
    expect(told('hotline.fr', 'suspect.identity')).toEqual(['refuse']);
    for (const never of ['victim.identity', 'victim.image', 'witness.identity', 'reporter.identity'] as const)
      expect(told('isp.fr', never)).toEqual(['refuse']);
  });

  it('traffic data wait for a judge, the name of a subscriber does not', () => {
    const produce = {
      category: 'fraud',
      action: 'produce',
      force: 'order',
      instrument: 'production-order',
    } as const;
    for (const nation of ['de', 'fr', 'nl']) {
      const seeking = (dataSought: Facts['dataSought']) =>
        ask(crossing(`prosecutor.${nation}`, `isp.${nation}`, { ...produce, dataSought })).decision;
      expect([seeking(['subscriber']), seeking(['traffic']), seeking(['subscriber', 'content'])]).toEqual([
        'permit',
        'hold',
        'hold',
      ]);
    }
  });

  it('no German judge is asked for what was said about a break-in: only its traffic can be had', () => {
    const order = { force: 'order', action: 'produce', instrument: 'production-order' } as const;
    const seeking = (category: Facts['category'], dataSought: Facts['dataSought']) =>
      ask(crossing('prosecutor.de', 'isp.de', { ...order, category, dataSought })).decision;
    expect([seeking('malware', ['traffic']), seeking('malware', ['content'])]).toEqual(['hold', 'refuse']);
    expect([seeking('csam', ['traffic']), seeking('csam', ['content'])]).toEqual(['hold', 'hold']);
  });

  it('to a nation without a ground goes nothing of a person, but by safeguards, in danger, or as one bare notice', () => {
    const to = (who: string, changes: Partial<Facts>) => decisions('hotline.de', who, changes);
    const clauses = { legalBasis: ['gdpr-46'], agreement: 'standard-clauses' } as const;
    const bare = { legalBasis: ['gdpr-49-1-d'], dataClasses: ['network-address', 'content-hash'] } as const;
    expect(to('isp.in', {})).toEqual(['refuse']);
    expect(to('isp.in', clauses)).toEqual(['permit']);
    expect(to('isp.in', { ...clauses, legalBasis: ['dsa-16'] })).toEqual(['refuse']);
    expect(to('police.in', { ...inform, ...clauses })).toEqual(['refuse']);
    expect(to('isp.in', bare)).toEqual(['permit']);
    expect(to('isp.in', { ...bare, itemCount: 2 })).toEqual(['refuse']);
    expect(to('isp.in', { ...bare, category: 'fraud' })).toEqual(['refuse']);
    const danger = { ...inform, legalBasis: ['gdpr-49-1-f'], urgency: 'emergency' } as const;
    expect(to('police.in', { ...danger, dataClasses: ['victim.identity'] })).toEqual(['permit']);
    expect(to('police.in', { ...danger, urgency: 'urgent' })).toEqual(['refuse']);
  });

  it('passes on what came from France to Britain without waiting only where 35(2) allows it', () => {
    const onward = { ...inform, origin: 'FR', legalBasis: ['led-35-2'] } as const;
    expect(ask(crossing('police.de', 'police.gb', onward)).awaits).toEqual(['ministry@FR']);
    expect(decisions('police.de', 'police.gb', { ...onward, urgency: 'emergency' })).toEqual(['permit']);
    expect(decisions('police.de', 'police.nl', onward)).toEqual(['permit']);
  });

  it('never holds a removal order for terrorist content, even if a row named a judge', () => {
    const judged = withCopy(({ dir, edit }) => {
      edit('tables/competence.json', (text) =>
        text.replaceAll('"validatedBy": null', '"validatedBy": "court"'),
      );
      return loadPack(dir, 'DE');
    });
    const order = crossing('police.de', 'isp.fr', ORDER.tco);
    expect(findCompetence(judged.tables, order).map(({ validatedBy }) => validatedBy)).toEqual(['court']);
    expect(decide(judged, order).decision).toBe('permit');
    expect(decide(judged, crossing('ministry.de', 'isp.fr', ORDER.dsa9)).decision).toBe('hold');
  });
});
