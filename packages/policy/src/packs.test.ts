import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Crossing } from './crossing.js';
import { ask, inform, order125p, packOf, packs } from './fixture/shipped-packs.js';
import { packsDir } from './packs-dir.js';
import { TABLES } from './table-shapes.js';
import { crossing, ORDER, party } from './test-kit.js';

const idsOf = (crossed: Crossing) => ask(crossed).rules.map(({ id }) => id);

const PRODUCE = {
  category: 'fraud',
  action: 'produce',
  force: 'order',
  instrument: 'production-order',
  dataSought: ['subscriber'],
} as const;
const LIFE = { action: 'inform', urgency: 'emergency' } as const;
const DETECTED = { action: 'inform', category: 'csam', legalBasis: ['csam-derogation'] } as const;
const warning = { action: 'inform', category: 'malware', purpose: 'network-security' } as const;

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
      legalBasis: ['gdpr-9-2-g'],
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
  'court-validates': {
    bites: crossing('prosecutor.nl', 'isp.nl access', order125p),
    spares: {
      ...crossing('prosecutor.nl', 'isp.nl access', order125p),
      approvals: [{ role: 'court', nation: 'NL' }],
    },
  },
  'production-names-data': {
    bites: crossing('prosecutor.de', 'isp.de', { ...PRODUCE, dataSought: [] }),
    spares: crossing('prosecutor.de', 'isp.de', PRODUCE),
  },
  'eu-order-only-in-eu': {
    bites: crossing('ministry.de', 'isp.ch', ORDER.dsa9),
    spares: crossing('ministry.de', 'isp.fr', ORDER.dsa9),
  },
  'e-evidence-has-its-channel': {
    bites: crossing('prosecutor.fr', 'isp.nl', { ...PRODUCE, instrument: 'epoc' }),
    spares: crossing('prosecutor.fr', 'isp.nl', PRODUCE),
  },
  'dual-criminality': {
    bites: crossing('prosecutor.de', 'prosecutor.ch', {
      ...inform,
      purpose: 'assistance',
      criminality: 'sender-only',
    }),
    spares: crossing('prosecutor.de', 'prosecutor.fr', {
      ...inform,
      purpose: 'assistance',
      criminality: 'sender-only',
    }),
  },
  'tco-removal-order': {
    bites: crossing('police.de', 'isp.fr', ORDER.tco),
    spares: crossing('police.de', 'isp.fr access', ORDER.tco),
  },
  'emergency-inform': {
    bites: crossing('police.de', 'isp.fr', { ...LIFE, dataClasses: ['customer.account'] }),
    spares: crossing('police.de', 'isp.fr', { ...LIFE, dataClasses: ['witness.identity'] }),
  },
  'special-category-needs-exception': {
    bites: crossing('hotline.de', 'police.de', { ...inform, dataClasses: ['victim.image'] }),
    spares: crossing('hotline.de', 'police.de', {
      ...inform,
      dataClasses: ['victim.image'],
      legalBasis: ['gdpr-9-2-c'],
    }),
  },
  'witness-to-hotline-as-pseudonym': {
    bites: crossing('hotline.de', 'hotline.fr', { ...inform, dataClasses: ['witness.identity'] }),
    spares: crossing('hotline.de', 'hotline.fr', { ...inform, dataClasses: ['pseudonym'] }),
  },
  'victim-to-hotline-as-pseudonym': {
    bites: crossing('hotline.de', 'hotline.fr', {
      ...inform,
      category: 'fraud',
      dataClasses: ['victim.identity'],
    }),
    spares: crossing('hotline.de', 'hotline.fr', {
      ...inform,
      category: 'csam',
      dataClasses: ['victim.identity'],
    }),
  },
  'customer-to-hotline-as-pseudonym': {
    bites: crossing('isp.de', 'hotline.nl', { ...inform, dataClasses: ['customer.account'] }),
    spares: crossing('isp.de', 'hotline.nl', { ...inform, dataClasses: ['suspect.account'] }),
  },
  'authority-transfer-without-ground': {
    bites: crossing('police.de', 'police.in', inform),
    spares: crossing('police.de', 'police.in', {
      ...inform,
      legalBasis: ['led-37'],
      agreement: 'assessed-safeguards',
    }),
  },
  'led-39-single-case': {
    bites: crossing('police.de', 'isp.in', { ...inform, legalBasis: ['led-39'], itemCount: 2 }),
    spares: crossing('police.de', 'isp.in', { ...inform, legalBasis: ['led-39'] }),
  },
  'led-39-not-inside': {
    bites: crossing('police.de', 'isp.fr', { ...inform, legalBasis: ['led-39'] }),
    spares: crossing('police.de', 'isp.in', { ...inform, legalBasis: ['led-39'] }),
  },
  'second-protocol-not-in-force': {
    bites: crossing('police.de', 'police.us', { ...inform, legalBasis: ['second-protocol-14'] }),
    spares: crossing('police.de', 'police.us', { ...inform, legalBasis: ['led-37'] }),
  },
  'led-35-origin-authorises': {
    bites: crossing('police.de', 'police.gb', { ...inform, origin: 'FR' }),
    spares: {
      ...crossing('police.de', 'police.gb', { ...inform, origin: 'FR' }),
      approvals: [{ role: 'ministry', nation: 'FR' }],
    },
  },
  'originator-control': {
    bites: crossing('police.de', 'police.nl', { ...inform, origin: 'FR', handling: 'TLP:RED' }),
    spares: crossing('police.de', 'police.nl', { ...inform, origin: 'DE', handling: 'TLP:RED' }),
  },
  'h2-needs-consent': {
    bites: crossing('police.de', 'police.nl', { ...inform, origin: 'FR', handlingCode: 'H2' }),
    spares: crossing('police.de', 'police.nl', {
      ...inform,
      origin: 'FR',
      handlingCode: 'H2',
      onwardConsent: true,
    }),
  },
  'clocks-missing': {
    bites: crossing('hotline.de', 'isp.fr', { clocks: [] }),
    spares: crossing('hotline.de', 'isp.fr'),
  },
  'clocks-false': {
    bites: crossing('hotline.de', 'isp.fr', { clocks: [{ clock: 'removal', minutes: 60 }] }),
    spares: crossing('hotline.de', 'isp.fr'),
  },
  'dsa-16-names-address': {
    bites: crossing('hotline.de', 'isp.fr', { scope: 'none' }),
    spares: crossing('hotline.de', 'isp.ch', { scope: 'none' }),
  },
  'dsa-18-only-hosts': {
    bites: crossing('isp.de access', 'police.de', { ...inform, legalBasis: ['dsa-18'] }),
    spares: crossing('isp.de hosting', 'police.de', { ...inform, legalBasis: ['dsa-18'] }),
  },
  'csam-derogation-lapsed': {
    bites: crossing('isp.de platform', 'hotline.de', DETECTED, { day: '2026-04-04' }),
    spares: crossing('isp.de platform', 'hotline.de', DETECTED, { day: '2026-04-03' }),
  },
  'gb-voluntary-blocking': {
    bites: crossing('hotline.gb', 'isp.gb access', { action: 'block', force: 'voluntary' }),
    spares: crossing('hotline.gb', 'isp.gb access', { action: 'block', force: 'voluntary', scope: 'host' }),
  },
  'no-police-filter': {
    bites: crossing('police.no', 'isp.no access', { action: 'block', force: 'voluntary', scope: 'domain' }),
    spares: crossing('police.no', 'isp.no access', {
      action: 'block',
      force: 'voluntary',
      category: 'hate-speech',
    }),
  },
  'ch-name-blocked-on-request': {
    bites: crossing('police.ch', 'isp.ch registrar', { category: 'phishing', scope: 'domain' }),
    spares: crossing('police.ch', 'isp.ch registrar', { category: 'csam', scope: 'exact-address' }),
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

describe('what is listed twice', () => {
  it('each nation’s folder is a pack that is tested', () => {
    const folders = readdirSync(packsDir).filter((name) => /^[a-z]{2}$/.test(name));
    expect(folders.sort()).toEqual([...packs.keys()].map((nation) => nation.toLowerCase()).sort());
  });

  it.each(TABLES)('docs/packs.md explains the table %s', (table) => {
    const guide = readFileSync(new URL('../../../docs/packs.md', import.meta.url), 'utf8');
    expect(guide.split('\n').some((line) => line.startsWith('| `') && line.includes(`\`${table}\``))).toBe(
      true,
    );
  });
});
