import { describe, expect, it } from 'vitest';
import { readRules } from './read-rules.js';
import { splitPermit } from './split-permit.js';

const HEAD = '@id("test-rule") @basis("test") @says("Test.")';

function split(rule: string) {
  const rules = readRules([{ name: 'base/test.cedar', bytes: Buffer.from(rule), text: `${HEAD} ${rule}` }]);
  return [...rules.values()].flatMap(splitPermit);
}

const conditions = (rule: string) => split(rule).map(({ text, weight }) => [text, weight]);

describe('a permit is split into what it asks for', () => {
  it('each part of its scope that is narrowed, heavier than a condition', () => {
    expect(
      conditions('permit (principal in Group::"authority", action == Action::"remove", resource is Party);'),
    ).toEqual([
      ['sender in "authority"', 3],
      ['action is "remove"', 3],
      ['recipient is Party', 3],
    ]);
  });

  it('one part of the scope alone', () => {
    expect(conditions('permit (principal, action, resource in Group::"eu");')).toEqual([
      ['recipient in "eu"', 3],
    ]);
    expect(
      conditions('permit (principal, action in [Action::"remove", Action::"block"], resource);'),
    ).toEqual([['action in ["remove", "block"]', 3]]);
    expect(conditions('permit (principal == Role::"court", action, resource);')).toEqual([
      ['sender is "court"', 3],
    ]);
  });

  it('each condition that is joined by "and", however deep, and no other', () => {
    const when = `when { context.facts.force == Force::"order" && context.day != context.facts.day && (principal.a || resource.b) }`;
    expect(conditions(`permit (principal, action, resource) ${when};`)).toEqual([
      ['force is "order"', 1],
      ['day is not day', 1],
      ['sender.a || recipient.b', 1],
    ]);
  });

  it('what must not be as a whole, and said so', () => {
    expect(
      conditions(
        'permit (principal, action, resource) when { context.approved } unless { context.a && context.b };',
      ),
    ).toEqual([
      ['approved', 1],
      ['not a && b', 1],
    ]);
  });

  it('nothing of a permit that asks for nothing', () => {
    expect(split('permit (principal, action, resource);')).toEqual([]);
  });

  it('and each part is a permit of its own, named by what it says', () => {
    const rule = 'permit (principal, action == Action::"remove", resource) when { context.approved };';
    const [scope, clause] = split(rule);
    expect(scope?.policy).toMatchObject({
      effect: 'permit',
      principal: { op: 'All' },
      action: { op: '==' },
      resource: { op: 'All' },
      conditions: [],
    });
    expect(clause?.policy).toMatchObject({ effect: 'permit', action: { op: 'All' } });
    expect(clause?.policy.conditions).toHaveLength(1);
    expect(scope).toMatchObject({
      rule: 'test-rule',
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(scope?.id).not.toBe(clause?.id);
    expect(split(rule).map(({ id }) => id)).toEqual([scope?.id, clause?.id]);
  });
});
