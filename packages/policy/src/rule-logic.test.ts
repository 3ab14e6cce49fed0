import { describe, expect, it } from 'vitest';
import { preparsePolicySet, statefulIsAuthorized } from './engine.js';
import { packs } from './fixture/shipped-packs.js';
import { crossing } from './fixture/test-kit.js';
import { frameRequest } from './frame-request.js';
import { keepParsed } from './keep-parsed.js';
import type { Pack } from './pack.js';
import { readRules } from './read-rules.js';
import { holds, logicOf, readerOf } from './rule-logic.js';
import { spaceOf } from './space/space-of.js';

const pack = packs.get('DE') as Pack;
const framed = frameRequest(pack, crossing('hotline.de', 'isp.fr'));

function engineOn(preparsedPolicySetId: string, request: typeof framed) {
  const answer = statefulIsAuthorized({
    ...request,
    preparsedPolicySetId,
    validateRequest: false,
  });
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message);
  return answer.response;
}

function rule(text: string) {
  const whole = `@id("x") @basis("b") @says("s") ${text}`;
  const [one] = readRules([{ name: 'base/x.cedar', bytes: Buffer.from(whole), text: whole }]).values();
  return one as Exclude<typeof one, undefined>;
}

const when = (condition: string) => rule(`forbid (principal, action, resource) when { ${condition} };`);
const isSo = (text: string) => holds(logicOf(rule(text).json), readerOf(framed));

describe('the logic of each rule', () => {
  it.each([...packs.keys()])('says of %s what the engine says', (nation) => {
    const own = packs.get(nation) as Pack;
    const space = spaceOf(own);
    keepParsed(`logic of ${nation}`, () =>
      Object.fromEntries([...own.rules.values()].map(({ id, text }) => [id, text])),
    );
    const rules = [...own.rules.values()].map((one) => ({ rule: one, logic: logicOf(one.json) }));
    for (let i = 0; i < 150; i++) {
      const request = frameRequest(own, space.crossing(space.sample(i, 7)));
      const read = readerOf(request);
      const matching = rules.filter(({ logic }) => holds(logic, read)).map((one) => one.rule);
      const forbids = matching.filter(({ effect }) => effect === 'forbid');
      const { decision, diagnostics } = engineOn(`logic of ${nation}`, request);
      expect(diagnostics.errors).toEqual([]);
      expect(diagnostics.reason.sort()).toEqual(
        (forbids.length > 0 ? forbids : matching).map(({ id }) => id).sort(),
      );
      expect(decision === 'allow').toBe(forbids.length === 0 && matching.length > 0);
    }
  });

  // The request: hotline.de to isp.fr (a host), a notice to remove csam, TLP:AMBER, one item, free-text and content-hash.
  it.each([
    ['action == Action::"remove"', true],
    ['action == Action::"block"', false],
    ['action in [Action::"block", Action::"remove"]', true],
    ['action in [Action::"block", Action::"inform"]', false],
  ])('reads the scope %s', (scope, expected) => {
    expect(isSo(`permit (principal, ${scope}, resource);`)).toBe(expected);
  });

  it.each([
    ['principal in Role::"hotline", action, resource in Group::"host"', true],
    ['principal in Role::"police", action, resource', false],
    ['principal, action, resource in Role::"access"', false],
    ['principal in Group::"private", action, resource in Group::"provider"', true],
  ])('reads the scope (%s)', (scope, expected) => {
    expect(isSo(`permit (${scope});`)).toBe(expected);
  });

  it.each([
    ['context.crossesBorder', true],
    ['!context.crossesBorder', false],
    ['context.crossesBorder && principal.eu', true],
    ['context.crossesBorder && context.competent', false],
    ['context.competent || principal.eu', true],
    ['context.competent || context.foreignOrigin', false],
    ['principal.nation == "DE"', true],
    ['principal.nation == "FR"', false],
    ['resource.nation != "DE"', true],
    ['resource.nation != "FR"', false],
    ['context.facts.itemCount > 0', true],
    ['context.facts.itemCount > 1', false],
    ['context.facts.itemCount >= 1', true],
    ['context.facts.itemCount >= 2', false],
    ['context.facts.itemCount < 2', true],
    ['context.facts.itemCount < 1', false],
    ['context.facts.itemCount <= 1', true],
    ['context.facts.itemCount <= 0', false],
    ['context.day > datetime("2026-11-22")', true],
    ['context.day > datetime("2026-11-23")', false],
    ['context.facts.dataClasses.contains(DataClass::"free-text")', true],
    ['context.facts.dataClasses.contains(DataClass::"pseudonym")', false],
    ['context.facts.dataClasses.containsAny([DataClass::"pseudonym", DataClass::"free-text"])', true],
    ['context.facts.dataClasses.containsAny([DataClass::"pseudonym"])', false],
    ['context.facts.dataClasses.containsAll([DataClass::"content-hash", DataClass::"free-text"])', true],
    ['context.facts.dataClasses.containsAll([DataClass::"free-text", DataClass::"pseudonym"])', false],
    ['[DataClass::"free-text"].containsAll(context.facts.dataClasses)', false],
    ['context.facts.dataClasses == [DataClass::"content-hash", DataClass::"free-text"]', true],
    ['context.facts.dataClasses == [DataClass::"free-text"]', false],
    [
      'context.facts.dataClasses == [DataClass::"free-text", DataClass::"content-hash", DataClass::"pseudonym"]',
      false,
    ],
    ['context.facts.dataSought.isEmpty()', true],
    ['context.facts.dataClasses.isEmpty()', false],
    ['resource in Group::"host"', true],
    ['resource in [Group::"authority", Role::"hosting"]', true],
    ['resource in [Group::"authority", Role::"cdn"]', false],
    ['principal in Group::"host"', false],
    ['action in [Action::"remove"]', true],
  ])('says with the engine whether %s', (condition, expected) => {
    expect(holds(logicOf(when(condition).json), readerOf(framed))).toBe(expected);
    preparsePolicySet(condition, { staticPolicies: { x: when(condition).text } });
    const { diagnostics } = engineOn(condition, framed);
    expect(diagnostics).toEqual({ reason: expected ? ['x'] : [], errors: [] });
  });

  it('turns an "unless" round, and joins several conditions by "and"', () => {
    expect(isSo('forbid (principal, action, resource) unless { context.crossesBorder };')).toBe(false);
    expect(isSo('forbid (principal, action, resource) unless { context.competent };')).toBe(true);
    expect(
      isSo('forbid (principal, action, resource) when { context.crossesBorder } unless { principal.eu };'),
    ).toBe(false);
  });

  it('gives the same question the same name in every rule, and another question another', () => {
    const nameIn = (text: string) => JSON.stringify(logicOf(when(text).json)).match(/"name":"(.*?[^\\])"/g);
    expect(nameIn('context.competent')).toEqual(nameIn('!context.competent'));
    expect(nameIn('context.competent')).not.toEqual(nameIn('context.listOffence'));
    const scopes = (scope: string) => JSON.stringify(logicOf(rule(`permit (${scope});`).json));
    expect(scopes('principal in Group::"host", action, resource')).not.toBe(
      scopes('principal, action, resource in Group::"host"'),
    );
  });

  it.each([
    ['context.facts.itemCount * 2 > 5', 'the operator "*" is not known here'],
    ['context.day > datetime("2026-11-22T12:00:00Z")', 'only a day is known here'],
    ['principal.nation like "D*"', 'the operator "like" is not known here'],
    ['if context.competent then true else false', 'the operator "if-then-else" is not known here'],
  ])('is not made up for an operator that may fail or is new: %s', (condition, message) => {
    expect(() => logicOf(when(condition).json)).toThrow(message);
  });

  it('nor for a scope that names one member, or a type', () => {
    expect(() => logicOf(rule('permit (principal == Role::"court", action, resource);').json)).toThrow(
      'the scope "==" is not known here',
    );
    expect(() => logicOf(rule('permit (principal is Member, action, resource);').json)).toThrow(
      'the scope "is" is not known here',
    );
  });
});
