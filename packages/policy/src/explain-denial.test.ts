import { describe, expect, it } from 'vitest';
import type { Crossing } from './crossing.js';
import { decide } from './decide.js';
import { preparsePolicySet, statefulIsAuthorized } from './engine.js';
import { explainDenial, findNearest, nearestPermit } from './explain-denial.js';
import { packs } from './fixture/shipped-packs.js';
import { crossing, withCopy } from './fixture/test-kit.js';
import { frameRequest } from './frame-request.js';
import { loadPack } from './load-pack.js';
import type { Pack } from './pack.js';
import { spaceOf } from './space/space-of.js';
import { splitPermit } from './split-permit.js';

const de = packs.get('DE') as Pack;

function packWith(rules: string): Pack {
  return withCopy(({ dir, edit, remove }) => {
    for (const file of ['hotlines', 'notices', 'providers', 'authorities', 'emergencies'])
      remove(`base/${file}.cedar`);
    edit('base/own.cedar', () => rules);
    return loadPack(dir, 'DE');
  });
}

const permit = (id: string, condition: string) =>
  `@id("${id}") @basis("b") @says("It is ${id}.") permit (principal, action, resource) when { ${condition} };`;

describe('what a refused message lacked', () => {
  // What is worked out here has to be what the engine would have said of each condition.
  it.each([...packs.keys()])('is what the engine says of each condition, in %s', (nation) => {
    const pack = packs.get(nation) as Pack;
    const space = spaceOf(pack);
    const permits = [...pack.rules.values()].filter(({ effect }) => effect === 'permit');
    const split = permits.flatMap(splitPermit);
    const set = `every condition of ${nation}`;
    preparsePolicySet(set, {
      staticPolicies: Object.fromEntries(split.map(({ id, policy }) => [id, policy])),
    });
    const denied = new Set<string>();
    for (let i = 0; i < 120; i++) {
      const request = frameRequest(pack, space.crossing(space.sample(i, 11)));
      const answer = statefulIsAuthorized({ ...request, preparsedPolicySetId: set, validateRequest: false });
      if (answer.type === 'failure') throw new Error(answer.errors[0]?.message);
      const met = new Set(answer.response.diagnostics.reason);
      const lacks = permits.map((rule) => ({
        rule: rule.id,
        lacks: split.filter((one) => one.rule === rule.id && !met.has(one.id)),
      }));
      const distance = (one: (typeof lacks)[number]) =>
        one.lacks.reduce((sum, { weight }) => sum + weight, 0);
      const least = Math.min(...lacks.map(distance));
      const nearest = findNearest(pack, request);
      const expected = lacks.find((one) => distance(one) === least);
      expect(nearest?.rule).toBe(expected?.rule);
      expect(nearest?.lacks.map(({ id }) => id)).toEqual(expected?.lacks.map(({ id }) => id));
      if (nearest) denied.add(nearest.rule);
    }
    expect(denied.size).toBeGreaterThan(4);
  });

  it('counts people and actions heavier than other conditions', () => {
    const pack = packWith(
      `@id("near") @basis("b") @says("s") permit (principal, action, resource)
         when { context.facts.itemCount > 5 && context.facts.retentionDays > 500 };
       @id("far") @basis("b") @says("s") permit (principal in Role::"court", action, resource);`,
    );
    const nearest = nearestPermit(pack, crossing('hotline.de', 'isp.de'));
    expect(nearest).toEqual({ rule: 'near', lacks: ['itemCount > 5', 'retentionDays > 500'] });
  });

  it('is asked of the engine where a condition has an operator that is not known here', () => {
    const pack = packWith(permit('by-name', 'principal.nation like "F*" && context.facts.itemCount == 1'));
    expect(pack.conditions.map(({ logic }) => logic === null)).toEqual([true, false]);
    const lacks = (asked: Crossing) => nearestPermit(pack, asked)?.lacks;
    expect(lacks(crossing('hotline.de', 'isp.de'))).toEqual(['sender.nation like "F*"']);
    expect(lacks(crossing('hotline.fr', 'isp.de', { itemCount: 2 }, { at: 'DE' }))).toEqual([
      'itemCount is 1',
    ]);
    expect(decide(pack, crossing('hotline.fr', 'isp.de', {}, { at: 'DE' })).decision).toBe('permit');
    expect(decide(pack, crossing('hotline.de', 'isp.de')).reason).toContain('sender.nation like "F*"');
  });

  it('is told with the words of the rule', () => {
    const pack = packWith(permit('many', 'context.facts.itemCount > 5'));
    const { decision, reason } = decide(pack, crossing('hotline.de', 'isp.de'));
    expect(decision).toBe('refuse');
    expect(reason).toContain('"many": It is many.');
    expect(reason).toMatch(/does not hold: itemCount > 5$/);
    expect(explainDenial(pack, null)).toContain('permits nothing');
  });

  it('is nothing where the pack permits nothing, or the message is permitted', () => {
    expect(nearestPermit(packWith('// none'), crossing('hotline.de', 'isp.de'))).toBeNull();
    expect(nearestPermit(de, crossing('hotline.de', 'isp.de'))?.lacks).toEqual([]);
  });
});
