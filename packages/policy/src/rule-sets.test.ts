import { expect, it } from 'vitest';
import { readRules } from './read-rules.js';
import { ruleSets } from './rule-sets.js';

const HEAD = '@basis("test") @says("Test.")';

function namesFor(scope: string, action: string): unknown {
  const text = `@id("test-rule") ${HEAD} permit (principal, ${scope}, resource) when { context.wanted };`;
  const rules = readRules([{ name: 'base/test.cedar', bytes: Buffer.from(text), text }]);
  const { reads } = ruleSets(`${scope} test`, rules.values())(action);
  return [...(reads?.names ?? [])];
}

it.each([
  ['action', true],
  ['action == Action::"remove"', true],
  ['action in [Action::"block", Action::"remove"]', true],
  ['action in Action::"remove"', true],
  ['action == Action::"block"', false],
  ['action in [Action::"block", Action::"inform"]', false],
])('a rule about (%s) is asked about "remove": %s', (scope, isAsked) => {
  expect(namesFor(scope, 'remove')).toEqual(isAsked ? ['wanted'] : []);
});

it('has the engine parse a set once, when it is first asked for', () => {
  const text = `@id("broken") ${HEAD} permit (principal, action, resource);`;
  const rules = [...readRules([{ name: 'base/test.cedar', bytes: Buffer.from(text), text }]).values()];
  const setFor = ruleSets(
    'broken test',
    rules.map((rule) => ({ ...rule, json: { ...rule.json, effect: 'none' as 'permit' } })),
  );
  expect(() => setFor('remove')).toThrow(expect.objectContaining({ code: 'rule-invalid' }));
  const whole = ruleSets('whole test', rules);
  expect(whole('remove')).toBe(whole('remove'));
  expect(whole('block').name).not.toBe(whole('remove').name);
});
