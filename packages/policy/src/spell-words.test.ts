import { describe, expect, it } from 'vitest';
import { type PolicyJson, policyToJson, preparsePolicySet, statefulIsAuthorized } from './engine.js';
import { entityTypesOf, spellPolicy, spellRequest } from './spell-words.js';

const entity = (type: string, id: string) => ({ __entity: { type, id } });

const request = {
  principal: { type: 'Member', id: 'hotline.de' },
  action: { type: 'Action', id: 'remove' },
  resource: { type: 'Member', id: 'isp.fr' },
  context: {
    day: { __extn: { fn: 'datetime', arg: '2026-11-23' } },
    approvals: [entity('Role', 'ministry')],
    count: 3,
    facts: { category: entity('Category', 'csam'), classes: [entity('Class', 'a'), entity('Class', 'b')] },
  },
  entities: ['hotline.de', 'isp.fr'].map((id) => ({
    uid: { type: 'Member', id },
    attrs: { nation: 'DE', treaties: [entity('Treaty', 'budapest')] },
    parents: [{ type: 'Role', id: 'hotline' }],
  })),
};

function policyOf(text: string): PolicyJson {
  const parsed = policyToJson(text);
  if (parsed.type === 'failure') throw new Error(parsed.errors[0]?.message);
  return parsed.json;
}

let sets = 0;
function answer(policy: PolicyJson, asked: object): unknown {
  const name = `spelling ${sets++}`;
  expect(preparsePolicySet(name, { staticPolicies: { policy } })).toMatchObject({ type: 'success' });
  const given = statefulIsAuthorized({
    ...request,
    ...asked,
    preparsedPolicySetId: name,
    validateRequest: false,
  });
  if (given.type === 'failure') throw new Error(given.errors[0]?.message);
  const { errors, reason } = given.response.diagnostics;
  return { decision: given.response.decision, reason, faults: errors.length };
}

const CONDITIONS = [
  ['context.facts.category == Category::"csam"', 'allow'],
  ['context.facts.category == Category::"fraud"', 'deny'],
  ['context.facts.category != Class::"csam"', 'allow'],
  ['context.facts.classes.contains(Class::"b")', 'allow'],
  ['context.facts.classes.contains(Class::"c")', 'deny'],
  ['context.facts.classes.containsAny([Class::"c", Class::"a"])', 'allow'],
  ['context.facts.classes.containsAll([Class::"a", Class::"c"])', 'deny'],
  ['[Category::"fraud", Category::"csam"].contains(context.facts.category)', 'allow'],
  ['context.facts.classes == [Class::"b", Class::"a"]', 'allow'],
  ['context.facts == {category: Category::"csam", classes: [Class::"a", Class::"b"]}', 'allow'],
  ['principal.treaties.contains(Treaty::"budapest") && resource.nation == "DE"', 'allow'],
  ['context.day < datetime("2026-12-01") && context.count > 2', 'allow'],
  ['if context.facts.category == Category::"csam" then context.count == 4 else true', 'deny'],
  ['context.approvals.contains(Role::"ministry") && principal in Role::"hotline"', 'allow'],
  ['context.approvals.contains(Role::"court") || resource in [Role::"court"]', 'deny'],
  ['context.facts.classes', 'deny'],
] as const;

describe('words spelled as texts', () => {
  it.each(CONDITIONS)('are the same words to the engine: %s', (condition, decision) => {
    const policy = policyOf(`permit (principal, action, resource) when { ${condition} };`);
    const types = entityTypesOf([policy]) as ReadonlySet<string>;
    expect(types).not.toBeNull();
    const spelled = answer(spellPolicy(policy, types), spellRequest(request, types));
    expect(spelled).toEqual(answer(policy, request));
    expect(spelled).toMatchObject({ decision });
  });

  it('are those of types that no rule asks a place of', () => {
    const policy = policyOf(
      'permit (principal in Role::"hotline", action, resource is Member) when { resource in [Group::"host", Group::"provider"] };',
    );
    expect([...(entityTypesOf([policy]) ?? [])].sort()).toEqual(['Group', 'Member', 'Role']);
    const types = new Set(['Role', 'Group']);
    const { context, entities } = spellRequest(request, types);
    expect(context).toEqual({
      ...request.context,
      facts: { category: 'Category::csam', classes: ['Class::a', 'Class::b'] },
    });
    expect(entities[0]).toEqual({
      ...request.entities[0],
      attrs: { nation: 'DE', treaties: ['Treaty::budapest'] },
    });
  });

  it.each([
    ['a word that is asked for its place', 'context.facts.category in Category::"csam"'],
    ['a place that is only known when it is evaluated', 'principal in context.approvals'],
    ['one place of several that is', 'principal in [Role::"court", context.facts.category]'],
    ['a word that is asked for its type', 'context.facts.category is Category'],
    ['a number that JSON would round', 'context.count < 9223372036854775807'],
    ['a word that is asked for type and place', 'context.facts.category is Category in Category::"csam"'],
  ])('are none where there is %s', (_what, condition) => {
    const policy = policyOf(`permit (principal, action, resource) when { ${condition} };`);
    expect(entityTypesOf([policy])).toBeNull();
    expect(spellRequest(request, null)).toBe(request);
  });

  it('leave out what an author wrote about a rule', () => {
    const policy = policyOf('@id("a") @says("b") permit (principal, action, resource);');
    expect(policy.annotations).toBeDefined();
    expect(spellPolicy(policy, new Set())).not.toHaveProperty('annotations');
  });
});
