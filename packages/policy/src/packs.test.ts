import type { Facts } from '@entente/contract';
import { describe, expect, it } from 'vitest';
import type { Crossing } from './crossing.js';
import { decide } from './decide.js';
import { loadPack } from './load-pack.js';
import { packsDir } from './packs-dir.js';
import { crossing, ORDER, party } from './test-kit.js';

const packs = new Map(['DE', 'FR', 'NL'].map((nation) => [nation, loadPack(packsDir, nation)]));
const packOf = ({ nation }: Crossing) => packs.get(nation) ?? loadPack(packsDir, nation);
const ask = (crossed: Crossing) => decide(packOf(crossed), crossed);
const idsOf = (crossed: Crossing) => ask(crossed).rules.map(({ id }) => id);

const inform = { action: 'inform' } as const;
const warning = { action: 'inform', category: 'malware', purpose: 'network-security' } as const;
const order125p = { ...ORDER.block, category: 'fraud', scope: 'domain' } as const;

/** For each rule one message that it is about, and one, as close as can be, that it is not about. */
const CASES: Readonly<Record<string, { readonly bites: Crossing; readonly spares: Crossing }>> = {
  'hotline-to-hotline': {
    bites: crossing('hotline.de', 'hotline.fr', { action: 'assess' }),
    spares: crossing('hotline.de', 'hotline.fr', { action: 'assess', dataClasses: ['customer.address'] }),
  },
  'hotline-protects-victim': {
    bites: crossing('hotline.de', 'hotline.fr', { category: 'csam', dataClasses: ['victim.identity'] }),
    spares: crossing('hotline.de', 'hotline.fr', { category: 'fraud', dataClasses: ['victim.identity'] }),
  },
  'hotline-to-authority': {
    bites: crossing('hotline.de', 'police.de', {
      action: 'inform',
      dataClasses: ['suspect.identity', 'victim.image'],
    }),
    spares: crossing('hotline.de', 'police.de', { action: 'remove' }),
  },
  'hotline-to-host': {
    bites: crossing('hotline.de', 'isp.fr'),
    spares: crossing('hotline.de', 'isp.fr access'),
  },
  'hotline-to-registrar': {
    bites: crossing('hotline.de', 'isp.nl registrar', { category: 'phishing', scope: 'domain' }),
    spares: crossing('hotline.de', 'isp.nl registrar', { category: 'hate-speech' }),
  },
  'hotline-warns-customer': {
    bites: crossing('hotline.de', 'isp.fr access', {
      ...warning,
      dataClasses: ['customer.address', 'customer.account'],
    }),
    spares: crossing('hotline.de', 'isp.fr access', {
      ...warning,
      category: 'csam',
      dataClasses: ['customer.address'],
    }),
  },
  'provider-to-hotline': {
    bites: crossing('isp.de', 'hotline.nl', inform),
    spares: crossing('isp.de', 'hotline.nl', { action: 'inform', dataClasses: ['customer.account'] }),
  },
  'provider-to-authority': {
    bites: crossing('isp.de', 'prosecutor.de', { action: 'inform', dataClasses: ['customer.account'] }),
    spares: crossing('isp.de', 'prosecutor.de', { action: 'remove' }),
  },
  'provider-to-provider': {
    bites: crossing('isp.de', 'isp.fr access', {
      ...warning,
      dataClasses: ['network-address', 'customer.address'],
    }),
    spares: crossing('isp.de', 'isp.fr access', { ...warning, purpose: 'investigation' }),
  },
  'competent-order': {
    bites: crossing('ministry.de', 'isp.fr', ORDER.tco),
    spares: crossing('ministry.de', 'isp.fr', { ...ORDER.tco, category: 'hate-speech' }),
  },
  'authority-to-authority': {
    bites: crossing('ministry.de', 'ministry.fr', { action: 'preserve', legalBasis: ['budapest-29'] }),
    spares: crossing('ministry.de', 'ministry.fr', { action: 'remove' }),
  },
  'authority-to-hotline': {
    bites: crossing('police.de', 'hotline.fr', inform),
    spares: crossing('police.de', 'hotline.fr', { action: 'inform', dataClasses: ['victim.identity'] }),
  },
  'authority-to-provider': {
    bites: crossing('regulator.de', 'isp.fr', inform),
    spares: crossing('regulator.de', 'isp.fr', { action: 'remove' }),
  },
  'victim-not-to-provider': {
    bites: crossing('hotline.de', 'isp.de', { dataClasses: ['victim.identity'] }),
    spares: crossing('ministry.de', 'isp.de', { ...ORDER.dsa9, dataClasses: ['victim.identity'] }),
  },
  'witness-not-to-provider': {
    bites: crossing('hotline.de', 'isp.de', { dataClasses: ['witness.identity'] }),
    spares: crossing('hotline.de', 'police.de', { action: 'inform', dataClasses: ['witness.identity'] }),
  },
  'suspect-only-to-authority': {
    bites: crossing('hotline.de', 'hotline.fr', { dataClasses: ['suspect.identity'] }),
    spares: crossing('hotline.de', 'hotline.fr', { dataClasses: ['suspect.account'] }),
  },
  'reporter-stays-home': {
    bites: crossing('hotline.de', 'hotline.fr', { dataClasses: ['reporter.identity'] }),
    spares: crossing('hotline.de', 'hotline.fr', {
      dataClasses: ['reporter.identity'],
      reporterConsent: true,
    }),
  },
  'staff-stays-home': {
    bites: crossing('hotline.de', 'isp.fr', { dataClasses: ['staff.identity'] }),
    spares: crossing('hotline.de', 'isp.de', { dataClasses: ['staff.identity'] }),
  },
  'customer-not-abroad': {
    bites: crossing('isp.de', 'police.fr', { action: 'inform', dataClasses: ['customer.account'] }),
    spares: crossing('isp.de', 'police.fr', {
      action: 'inform',
      dataClasses: ['customer.account'],
      legalBasis: ['dsa-18'],
    }),
  },
  'role-not-held': {
    bites: {
      ...crossing('ministry.de', 'isp.fr', ORDER.tco),
      from: { ...party('hotline.de'), role: 'ministry' },
    },
    spares: {
      ...crossing('ministry.de', 'isp.fr', ORDER.tco),
      from: { ...party('ministry.de'), types: ['hotline', 'ministry'] },
    },
  },
  'order-without-competence': {
    bites: crossing('ministry.de', 'isp.fr', { ...ORDER.dsa9, category: 'malware' }),
    spares: crossing('ministry.de', 'isp.fr', ORDER.dsa9),
  },
  'produce-not-across-border': {
    bites: crossing('ministry.de', 'isp.fr', ORDER.dsa10),
    spares: crossing('ministry.de', 'isp.de', ORDER.dsa10),
  },
  'preserve-across-border-needs-budapest': {
    bites: crossing('ministry.de', 'isp.ie', ORDER.preserve),
    spares: crossing('ministry.de', 'isp.fr', ORDER.preserve),
  },
  'block-only-at-access': {
    bites: crossing('ministry.fr', 'isp.fr hosting', ORDER.block),
    spares: crossing('ministry.fr', 'isp.fr access', ORDER.block),
  },
  'block-needs-order': {
    bites: crossing('hotline.fr', 'isp.fr access', { action: 'block' }),
    spares: crossing('ministry.fr', 'isp.fr access', ORDER.block),
  },
  'scope-too-wide': {
    bites: crossing('hotline.de', 'isp.fr', { scope: 'domain' }),
    spares: crossing('hotline.de', 'isp.fr', { scope: 'host' }),
  },
  'transfer-without-ground': {
    bites: crossing('hotline.de', 'isp.us'),
    spares: crossing('hotline.de', 'isp.us', { dataClasses: [] }),
  },
  'red-not-to-provider': {
    bites: crossing('hotline.de', 'isp.fr', { handling: 'TLP:RED' }),
    spares: crossing('hotline.de', 'isp.fr', { handling: 'TLP:AMBER+STRICT' }),
  },
  'retention-too-long': {
    bites: crossing('hotline.de', 'isp.fr', { retentionDays: 1096 }),
    spares: crossing('hotline.de', 'isp.fr', { retentionDays: 1095 }),
  },
  'de-delete-not-block': {
    bites: crossing('ministry.fr', 'isp.de access', ORDER.block, { at: 'DE' }),
    spares: crossing(
      'ministry.fr',
      'isp.de access',
      { ...ORDER.block, category: 'terrorist-content' },
      { at: 'DE' },
    ),
  },
  'fr-block-needs-judge': {
    bites: crossing('ministry.fr', 'isp.fr access', { ...ORDER.block, category: 'fraud' }),
    spares: crossing('court.fr', 'isp.fr access', { ...ORDER.court, action: 'block' }),
  },
  'nl-prosecutor-needs-judge': {
    bites: crossing('prosecutor.nl', 'isp.nl access', order125p),
    spares: { ...crossing('prosecutor.nl', 'isp.nl access', order125p), approvals: ['court'] },
  },
};

describe('the rules of the shipped packs', () => {
  it('are all in the list of cases, and no other', () => {
    const all = [...packs.values()].flatMap((pack) => [...pack.rules.keys()]);
    expect(Object.keys(CASES).sort()).toEqual([...new Set(all)].sort());
  });

  it.each(Object.entries(CASES))(
    '%s matches its own case and spares its neighbour',
    (id, { bites, spares }) => {
      const effect = packOf(bites).rules.get(id)?.effect;
      expect(idsOf(bites)).toContain(id);
      expect(ask(bites).decision === 'permit').toBe(effect === 'permit');
      expect(idsOf(spares)).not.toContain(id);
    },
  );

  it('keep for no longer, by obligation, than what is forbidden', () => {
    for (const { rules } of packs.values()) {
      for (const { retentionDays } of rules.values()) expect(retentionDays ?? 0).toBeLessThanOrEqual(1095);
    }
  });
});

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
      awaits: ['court'],
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
