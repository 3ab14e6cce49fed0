import { describe, expect, it } from 'vitest';
import { decide } from './decide.js';
import { packWith } from './fixture/pack-with.js';
import { crossing, ORDER, party } from './fixture/test-kit.js';

describe('a hold', () => {
  const held = packWith(
    '@id("wait") @basis("b") @says("A prosecutor looks first.") @hold("prosecutor") @within("PT24H") @otherwise("refuse") forbid (principal, action, resource) when { context.facts.itemCount > 50 } unless { context.approvals.contains(Role::"prosecutor") };',
  );
  const many = crossing('hotline.de', 'isp.fr', { itemCount: 51 });

  it('waits for the role that may release it', () => {
    expect(decide(held, many)).toMatchObject({
      decision: 'hold',
      awaits: ['prosecutor@DE'],
      rules: [{ id: 'wait' }],
      obligations: [],
    });
  });

  it('is over when that role approved, and not when another did', () => {
    expect(decide(held, { ...many, approvals: [{ role: 'prosecutor', nation: 'DE' }] })).toMatchObject({
      decision: 'permit',
      rules: [{ id: 'dsa-17-reasons-follow' }, { id: 'hotline-to-host' }],
    });
    expect(decide(held, { ...many, approvals: [{ role: 'hotline', nation: 'DE' }] }).decision).toBe('hold');
  });

  it('does not outweigh a forbid', () => {
    const both = decide(held, { ...many, facts: { ...many.facts, dataClasses: ['victim.image'] } });
    expect(both).toMatchObject({ decision: 'refuse', remedies: [] });
    expect(both.rules.map(({ id }) => id)).toEqual(['victim-not-to-provider', 'wait']);
  });

  it('offers the remedies of the forbids beside it', () => {
    const both = decide(held, { ...many, facts: { ...many.facts, dataClasses: ['staff.identity'] } });
    expect(both).toMatchObject({ decision: 'refuse', remedies: ['redact:staff.identity'] });
  });

  it('is a refusal where nothing would permit it afterwards', () => {
    const verdict = decide(held, { ...many, from: party('isp2.de') });
    expect(verdict).toMatchObject({ decision: 'refuse', reason: expect.stringContaining('closest') });
    expect(
      decide(held, { ...many, from: party('isp2.de'), approvals: [{ role: 'prosecutor', nation: 'DE' }] })
        .decision,
    ).toBe('refuse');
  });
});

describe('a hold that would outlast a deadline of the law', () => {
  const wait = (otherwise: string) =>
    packWith(
      `@id("wait") @basis("b") @says("A court looks first.") @hold("court") @within("PT2H") @otherwise("${otherwise}") forbid (principal, action, resource) when { context.facts.itemCount > 50 } unless { context.approvals.contains(Role::"court") };`,
    );
  // The hour of the TCO Regulation runs for this order; for a notice no law sets a deadline.
  const hour = { clocks: [{ clock: 'removal', minutes: 60 }] } as const;
  const order = crossing('police.de', 'isp.fr', { ...ORDER.tco, ...hour, itemCount: 51 });

  it('is not made: the message is returned at once, and told why', () => {
    const verdict = decide(wait('refuse'), order);
    expect(verdict).toMatchObject({ decision: 'refuse', rules: [{ id: 'wait' }], remedies: [] });
    expect(verdict.reason).toContain('deadline');
    expect(verdict.awaits).toBeUndefined();
  });

  it('passes where the rule says so', () => {
    expect(decide(wait('permit'), order)).toMatchObject({
      decision: 'permit',
      rules: [{ id: 'competent-order' }, { id: 'tco-removal-order' }, { id: 'tco-scrutiny-follows' }],
    });
  });

  it('is made where the deadline starts only when the recipient has acted: waiting uses nothing of it', () => {
    const days = packWith(
      '@id("wait") @basis("b") @says("A court looks first.") @hold("court") @within("PT48H") @otherwise("refuse") forbid (principal, action, resource) when { context.facts.itemCount > 50 };',
    );
    const notice = crossing('hotline.de', 'isp.fr', { itemCount: 51 });
    expect(notice.facts.clocks).toContainEqual({ clock: 'statement-of-reasons', minutes: 1440 });
    expect(decide(days, notice).decision).toBe('hold');
  });

  it('is made where no law sets a deadline', () => {
    const verdict = decide(wait('refuse'), crossing('hotline.de', 'isp.fr', { itemCount: 51 }));
    expect(verdict).toMatchObject({ decision: 'hold', awaits: ['court@DE'], holdMinutes: 120 });
  });
});

describe('a hold for the nation of origin', () => {
  const held = packWith(
    '@id("ask-origin") @basis("b") @says("s") @hold("ministry@origin") @within("PT48H") @otherwise("refuse") forbid (principal, action, resource) when { context.foreignOrigin } unless { context.originApprovals.contains(Role::"ministry") };',
  );
  const onward = crossing('hotline.de', 'isp.fr', { origin: 'NL' });

  it('waits for that nation, and for no other', () => {
    expect(decide(held, onward)).toMatchObject({ decision: 'hold', awaits: ['ministry@NL'] });
    const approved = (nation: string) =>
      decide(held, { ...onward, approvals: [{ role: 'ministry', nation }] }).decision;
    expect([approved('NL'), approved('DE'), approved('FR')]).toEqual(['permit', 'hold', 'hold']);
  });

  it('is none where the data are the sender’s or the recipient’s own', () => {
    for (const origin of ['', 'DE', 'FR'])
      expect(decide(held, crossing('hotline.de', 'isp.fr', { origin })).decision).toBe('permit');
  });
});
