import { describe, expect, it } from 'vitest';
import { decide } from './decide.js';
import { packWith } from './fixture/pack-with.js';
import { crossing, facts, ORDER, party, withCopy } from './fixture/test-kit.js';
import { loadPack } from './load-pack.js';
import { packsDir } from './packs-dir.js';

const de = loadPack(packsDir, 'DE');
const ordinary = crossing('hotline.de', 'isp.fr cdn');

describe('decide', () => {
  it('permits what a rule permits, and says by which', () => {
    const verdict = decide(de, ordinary);
    expect(verdict).toMatchObject({ decision: 'permit', remedies: [], rules: [{ id: 'hotline-to-host' }] });
    expect(verdict.rules[0]?.basis).toContain('Art. 16');
    expect(verdict.reason).toBe(verdict.rules[0]?.says);
  });

  it('gives the same verdict for the same input', () => {
    expect(decide(de, ordinary)).toEqual(decide(de, ordinary));
  });

  it('reads lists as sets: neither order nor repetition counts', () => {
    const [a, b] = [
      ['free-text', 'staff.identity'] as const,
      ['staff.identity', 'free-text', 'staff.identity'] as const,
    ];
    const verdicts = [a, b].map((dataClasses) =>
      decide(de, crossing('hotline.de', 'isp.fr', { dataClasses })),
    );
    expect(verdicts[0]).toEqual(verdicts[1]);
  });

  it('does not change the crossing it is given', () => {
    const frozen = Object.freeze({ ...ordinary, facts: Object.freeze({ ...ordinary.facts }) });
    expect(decide(de, frozen).decision).toBe('permit');
  });

  it('refuses a message to oneself, in whatever role, without an alarm', () => {
    for (const to of ['isp.de', 'isp.de access']) {
      const verdict = decide(de, crossing('isp.de', to, { action: 'inform' }));
      expect(verdict).toMatchObject({
        decision: 'refuse',
        rules: [],
        remedies: [],
        reason: expect.stringContaining('same member'),
      });
      expect(verdict.alarm).toBeUndefined();
    }
  });

  it('follows the day: what the law did not know yet is refused', () => {
    const order = (day: string) => decide(de, crossing('police.de', 'isp.fr', ORDER.tco, { day })).decision;
    expect([order('2022-07-26'), order('2022-07-27')]).toEqual(['refuse', 'permit']);
  });
});

describe('a rule about certain members', () => {
  const RULE = '@id("zz") @basis("b") @says("s") forbid (principal, action, resource)';

  it.each([
    'resource == Member::"isp.fr"',
    '[Member::"hotline.de", Member::"isp.nl"].contains(principal)',
    'principal is Member in Role::"hotline"',
    'action == Action::"remove" && principal != Member::"hotline.fr"',
  ])('is heard: %s', (condition) => {
    const pack = packWith(`${RULE} when { ${condition} };`);
    expect(decide(pack, ordinary)).toMatchObject({ decision: 'refuse', rules: [{ id: 'zz' }] });
    const others = packWith(`${RULE} unless { ${condition} };`);
    expect(decide(others, ordinary)).toMatchObject({ decision: 'permit' });
  });
});

describe('a default denial', () => {
  it('says which permit came closest and what was missing', () => {
    const verdict = decide(de, crossing('isp.de', 'isp.fr'));
    expect(verdict).toMatchObject({ decision: 'refuse', rules: [], remedies: [] });
    expect(verdict.reason).toContain('"hotline-to-host"');
    expect(verdict.reason).toContain('sender in "hotline"');
  });

  it('points at the force where an authority asks instead of ordering', () => {
    const verdict = decide(de, crossing('ministry.de', 'isp.de', { category: 'fraud', action: 'produce' }));
    expect(verdict.reason).toContain('"competent-order"');
    expect(verdict.reason).toContain('force is "order"');
  });

  it('has a reason in a pack that permits nothing', () => {
    const nothing = withCopy(({ dir, edit }) => {
      for (const file of ['hotlines', 'notices', 'providers', 'authorities', 'emergencies'])
        edit(`base/${file}.cedar`, () => '// none');
      return loadPack(dir, 'DE');
    });
    expect(decide(nothing, ordinary)).toMatchObject({
      decision: 'refuse',
      rules: [],
      reason: expect.stringMatching(/nothing/),
    });
  });
});

describe('a refusal', () => {
  it('names every forbid that matched', () => {
    const dataClasses = ['reporter.identity', 'staff.identity', 'victim.identity'] as const;
    const { rules, remedies } = decide(de, crossing('hotline.de', 'isp.fr', { dataClasses }));
    expect(rules.map(({ id }) => id)).toEqual([
      'reporter-stays-home',
      'staff-stays-home',
      'victim-not-to-provider',
    ]);
    expect(remedies).toEqual([]);
  });

  it('offers remedies where every forbid has one, and passes when they are carried out', () => {
    const dataClasses = ['free-text', 'reporter.identity', 'staff.identity', 'suspect.identity'] as const;
    const { decision, remedies } = decide(de, crossing('hotline.de', 'isp.fr', { dataClasses }));
    expect(decision).toBe('refuse');
    expect(remedies).toEqual([
      'redact:reporter.identity',
      'redact:staff.identity',
      'redact:suspect.identity',
    ]);
    const left = dataClasses.filter((dataClass) => !remedies.includes(`redact:${dataClass}`));
    expect(decide(de, crossing('hotline.de', 'isp.fr', { dataClasses: left })).decision).toBe('permit');
  });

  it('offers to take out only what is there', () => {
    const verdict = decide(
      de,
      crossing('isp.de', 'police.fr', { action: 'inform', dataClasses: ['customer.account'] }),
    );
    expect(verdict.remedies).toEqual(['redact:customer.account']);
  });
});

describe('a rule that fails', () => {
  // Without the check for errors this would be a permit: Cedar skips the forbid.
  const failing =
    '@id("overflow") @basis("b") @says("s") forbid (principal, action, resource) when { context.facts.itemCount * 9223372036854775807 > 5 };';

  it('is a refusal with an alarm', () => {
    const verdict = decide(packWith(failing), crossing('hotline.de', 'isp.fr', { itemCount: 2 }));
    expect(verdict).toMatchObject({
      decision: 'refuse',
      alarm: true,
      rules: [],
      remedies: [],
      obligations: [],
    });
    expect(verdict.errors?.[0]).toContain('overflow');
    expect(verdict.reason).not.toContain('overflow');
  });

  it('is one too where it is a permit', () => {
    const permit = failing.replace('forbid', 'permit').replace('9223372036854775807', '9007199254740991');
    expect(
      decide(packWith(permit), crossing('hotline.de', 'isp.fr', { itemCount: 9007199254740991 })),
    ).toMatchObject({ alarm: true });
  });

  it('does nothing where it does not fail', () => {
    expect(decide(packWith(failing), crossing('hotline.de', 'isp.fr', { itemCount: 0 })).decision).toBe(
      'permit',
    );
  });
});

describe('a question the pack cannot read is refused with an alarm', () => {
  const odd = (changes: object) => ({ ...ordinary, facts: { ...facts(), ...changes } });
  it.each([
    ['an unknown category', odd({ category: 'spam' })],
    ['an unknown action', odd({ action: 'destroy' })],
    ['an unknown force', odd({ force: 'threat' })],
    ['an unknown purpose', odd({ purpose: 'profit' })],
    ['an unknown legal basis', odd({ legalBasis: ['gdpr-99'] })],
    ['an unknown instrument', odd({ instrument: 'decree' })],
    ['an unknown data class', odd({ dataClasses: ['free-text', 'shoe-size'] })],
    ['an unknown subject', odd({ subjects: ['neighbour'] })],
    ['an unknown handling', odd({ handling: 'TLP:PINK' })],
    ['an unknown urgency', odd({ urgency: 'soon' })],
    ['an unknown scope', odd({ scope: 'continent' })],
    ['a broken number', odd({ itemCount: 1.5 })],
    ['no number', odd({ retentionDays: Number.NaN })],
    ['a flag that is a word', odd({ reporterConsent: 'true' })],
    ['an unknown role', { ...ordinary, to: { ...ordinary.to, role: 'butler' } }],
    ['an unknown type', { ...ordinary, to: { ...ordinary.to, types: ['isp', 'butler'] } }],
    ['an unknown approval', { ...ordinary, approvals: [{ role: 'butler', nation: 'DE' }] }],
    ['an unknown stage', { ...ordinary, stage: 'beyond' }],
    ['a stage that is not this one', { ...ordinary, stage: 'inside' }],
    ['a nation that is not the pack’s', { ...ordinary, nation: 'FR', stage: 'enter' }],
    ['a way past this nation', { ...ordinary, from: party('hotline.nl') }],
    ['a day that does not exist', { ...ordinary, day: '2026-02-30' }],
    ['a time instead of a day', { ...ordinary, day: '2026-11-23T12:00:00Z' }],
  ])('%s', (_, asked) => {
    const verdict = decide(de, asked as typeof ordinary);
    expect(verdict).toMatchObject({ decision: 'refuse', alarm: true, rules: [], remedies: [] });
    expect(verdict.errors).toHaveLength(1);
    expect(verdict.reason).not.toBe('');
  });
});

describe('obligations', () => {
  it('come from every permit that matched; of retentions the shortest', () => {
    const more = packWith(`
      @id("more-1") @basis("b") @says("s") @retention("P30D") @obligation("notify-subject, confirm") permit (principal, action, resource);
      @id("more-2") @basis("b") @says("s") @retention("P300D") @obligation("confirm") permit (principal, action, resource);`);
    expect(decide(more, ordinary).obligations).toEqual(['confirm', 'notify-subject', 'retention:P30D']);
  });

  it('come with no refusal', () => {
    expect(
      decide(de, crossing('hotline.de', 'isp.fr', { dataClasses: ['victim.image'] })).obligations,
    ).toEqual([]);
  });
});
