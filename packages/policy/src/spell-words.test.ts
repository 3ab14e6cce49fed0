import fc from 'fast-check';
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
  ['principal == Member::"hotline.de" && resource == Member::"isp.fr"', 'allow'],
  ['resource != Member::"isp.fr"', 'deny'],
  ['[Member::"hotline.de", Member::"isp.nl"].contains(principal)', 'allow'],
  ['[principal, resource] == [Member::"isp.fr", Member::"hotline.de"]', 'allow'],
  ['{who: principal}.who == Member::"hotline.de"', 'allow'],
  ['(if context.count == 3 then principal else resource) == Member::"hotline.de"', 'allow'],
  ['Member::"isp.fr".nation == "DE"', 'allow'],
  ['action == Action::"remove"', 'allow'],
  ['{category: context.facts.category}.category == Category::"csam"', 'allow'],
  ['[[Class::"a"], [Class::"b"]].contains([Class::"b"])', 'allow'],
  ['principal has nation && principal.nation like "D*"', 'allow'],
] as const;

const party = fc.constantFrom('principal', 'resource', 'Member::"isp.fr"', 'Member::"hotline.de"');
const word = fc.constantFrom('context.facts.category', 'Category::"csam"', 'Category::"fraud"', 'Class::"a"');
const set = fc.constantFrom(
  ...['context.facts.classes', '[Class::"a", Class::"c"]', '[]', 'principal.treaties'],
  ...['context.approvals', '[Role::"ministry"]', '[principal, Member::"isp.fr"]'],
);
const place = fc.constantFrom('Role::"hotline"', '[Role::"court", Group::"host"]', 'Member::"isp.fr"');
const joined = (...of: readonly fc.Arbitrary<string>[]) => fc.tuple(...of).map((parts) => parts.join(' '));
const operator = (...of: readonly string[]) => fc.constantFrom(...of);
/** Whatever a rule may ask, and more. */
const { condition } = fc.letrec<{ condition: string }>((tie) => {
  const nested = tie('condition').map((inner) => `(${inner})`);
  return {
    condition: fc.oneof(
      { maxDepth: 3 },
      joined(party, operator('==', '!='), party),
      joined(word, operator('==', '!='), word),
      joined(set, operator('==', '!='), set),
      fc.tuple(set, fc.oneof(word, party)).map(([all, one]) => `${all}.contains(${one})`),
      fc
        .tuple(set, operator('containsAny', 'containsAll'), set)
        .map(([one, asks, other]) => `${one}.${asks}(${other})`),
      joined(party, operator('in', 'is Member in'), place),
      joined(fc.constant('action =='), operator('Action::"remove"', 'Action::"block"')),
      fc.tuple(party, party).map(([one, other]) => `{who: ${one}}.who == ${other}`),
      fc.tuple(word, word).map(([one, other]) => `{what: ${one}} == {what: ${other}}`),
      joined(nested, operator('&&', '||'), nested),
      nested.map((inner) => `!${inner}`),
      fc.tuple(nested, nested, nested).map(([a, b, c]) => `if ${a} then ${b} else ${c}`),
    ),
  };
});

describe('words spelled as texts', () => {
  it('change no answer, whatever is asked', () => {
    let spelled = 0;
    fc.assert(
      fc.property(condition, fc.constantFrom('when', 'unless'), (asked, kind) => {
        const policy = policyOf(
          `permit (principal in Role::"hotline", action, resource) ${kind} { ${asked} };`,
        );
        const types = entityTypesOf([policy]);
        if (types === null) return;
        spelled += 1;
        const given = answer(spellPolicy(policy, types), spellRequest(request, types));
        expect(given).toEqual(answer(policy, request));
      }),
      { seed: 20261127, numRuns: 2000 },
    );
    expect(spelled).toBeGreaterThan(1000);
  });

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
    expect([...(entityTypesOf([policy]) ?? [])].sort()).toEqual(['Action', 'Group', 'Member', 'Role']);
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
    ['a member that is asked for its type and place', 'principal is Member in Role::"hotline"'],
    ['a field that JSON would not keep', '{"__entity": context.count} == {"__entity": 3}'],
    ['a text that a word could be taken for', 'context.facts.category != "Category::csam"'],
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
