import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statefulIsAuthorized } from './engine.js';
import { packs } from './fixture/shipped-packs.js';
import { crossing } from './fixture/test-kit.js';
import { frameRequest, type Request } from './frame-request.js';
import { keepParsed } from './keep-parsed.js';
import { narrowRequest, readsOf } from './narrow-request.js';
import type { Pack } from './pack.js';
import { questionFor } from './rule-sets.js';
import { spaceOf } from './space/space-of.js';

const SEED = 20261124;
const framed = frameRequest(packs.get('DE') as Pack, crossing('hotline.de', 'isp.fr'));
const entity = (type: string, id: string) => ({ __entity: { type, id } });

describe('a question with no more in it than is read', () => {
  it.each([...packs.keys()])(
    'is answered by the rules of %s for its action as the whole is by all of them',
    (nation) => {
      const own = packs.get(nation) as Pack;
      const ownSpace = spaceOf(own);
      const rules = [...own.rules.values()];
      for (const [name, some] of [
        ['rules', rules],
        ['permits', rules.filter(({ effect }) => effect === 'permit')],
      ] as const)
        keepParsed(`${nation} ${name}`, () => Object.fromEntries(some.map(({ id, text }) => [id, text])));
      const ask = (preparsedPolicySetId: string, request: Request) =>
        JSON.stringify(
          sorted(statefulIsAuthorized({ ...request, preparsedPolicySetId, validateRequest: false })),
        );
      fc.assert(
        fc.property(fc.nat(), (n) => {
          const request = frameRequest(own, ownSpace.crossing(ownSpace.sample(n, 1)));
          for (const [all, set] of [
            ['rules', own.rulesFor(request.action.id)],
            ['permits', own.permitsFor(request.action.id)],
          ] as const) {
            expect(set.entityTypes, 'words are spelled').not.toBeNull();
            expect(ask(set.name, questionFor(set, request))).toBe(ask(`${nation} ${all}`, request));
          }
        }),
        { seed: SEED, numRuns: 60 },
      );
    },
  );

  const scope = { op: 'All' };
  const policy = (body: unknown, principal: unknown = scope) =>
    ({ principal, action: scope, resource: scope, conditions: [{ kind: 'when', body }] }) as never;
  const context = { Var: 'context' };
  const record = { '.': { left: context, attr: 'facts' } };
  const factOf = (attr: string) => ({ '.': { left: record, attr } });
  const narrowed = (body: unknown, principal?: unknown) =>
    narrowRequest(framed, readsOf([policy(body, principal)]));

  it('leaves out what no rule names, and never more', () => {
    const { context: left, entities } = narrowed({ '>': { left: factOf('itemCount'), right: { Value: 5 } } });
    expect(left).toEqual({ facts: { itemCount: 1 } });
    expect(entities.map(({ attrs, parents }) => ({ attrs, parents }))).toEqual(
      Array(2).fill({ attrs: {}, parents: [] }),
    );
  });

  it.each([
    ['contains', { Value: entity('DataClass', 'free-text') }],
    ['containsAny', { Set: [{ Value: entity('DataClass', 'free-text') }] }],
    ['containsAll', { Set: [{ Value: entity('DataClass', 'free-text') }] }],
  ])('keeps of a set the words that %s asks for', (operator, right) => {
    const { context: left } = narrowed({ [operator]: { left: factOf('dataClasses'), right } });
    expect(left).toEqual({ facts: { dataClasses: [entity('DataClass', 'free-text')] } });
  });

  it.each([
    ['is empty', { isEmpty: { arg: factOf('dataClasses') } }],
    [
      'holds a word that is not there',
      { contains: { left: factOf('dataClasses'), right: { Value: entity('DataClass', 'victim.image') } } },
    ],
  ])('keeps one word where a rule asks whether a set %s', (_what, body) => {
    const all = (framed.context.facts as Record<string, unknown[]>).dataClasses ?? [];
    expect(all.length).toBeGreaterThan(1);
    expect(narrowed(body).context).toEqual({ facts: { dataClasses: all.slice(0, 1) } });
  });

  it.each([
    ['is compared', { '==': { left: factOf('dataClasses'), right: factOf('dataClasses') } }],
    [
      'is what another is compared with',
      { containsAll: { left: factOf('dataSought'), right: factOf('dataClasses') } },
    ],
    ['has another member read', { contains: { left: factOf('dataClasses'), right: factOf('category') } }],
    [
      'is asked for words in one rule and compared in another',
      {
        '&&': {
          left: {
            contains: { left: factOf('dataClasses'), right: { Value: entity('DataClass', 'free-text') } },
          },
          right: { '!=': { left: factOf('dataClasses'), right: { Set: [] } } },
        },
      },
    ],
  ])('keeps a set whole that %s', (_what, body) => {
    const { facts } = narrowed(body).context as { facts: Record<string, unknown> };
    expect(facts.dataClasses).toEqual((framed.context.facts as Record<string, unknown>).dataClasses);
  });

  it('keeps the groups that a rule names, in its head or in a condition, and all where it names none', () => {
    const isIn = (right: unknown) => ({ in: { left: { Var: 'resource' }, right } });
    const parentsOf = ({ entities }: Request) => entities.map(({ parents }) => parents);
    const group = { type: 'Group', id: 'private' };
    const all = parentsOf(framed);
    expect(all.flat()).toContainEqual(group);
    const own = all.map((parents) => parents.filter((one) => JSON.stringify(one) === JSON.stringify(group)));
    expect(parentsOf(narrowed(isIn({ Value: { __entity: group } })))).toEqual(own);
    expect(parentsOf(narrowed({ Value: true }, { op: 'in', entity: group }))).toEqual(own);
    expect(parentsOf(narrowed(isIn({ '.': { left: context, attr: 'approvals' } })))).toEqual(all);
  });

  it.each([
    ['context', { '==': { left: context, right: context } }],
    ['facts', { '==': { left: record, right: record } }],
    ['facts in a set', { contains: { left: { Set: [record] }, right: record } }],
  ])('keeps everything where %s is compared as a whole', (_what, body) => {
    expect(readsOf([policy(body)])).toBeNull();
    expect(narrowRequest(framed, null)).toBe(framed);
  });

  it('counts what a rule only asks for the presence of', () => {
    const { facts } = narrowed({ has: { left: record, attr: 'scope' } }).context as { facts: object };
    expect(Object.keys(facts)).toEqual(['scope']);
  });
});

function sorted(answer: ReturnType<typeof statefulIsAuthorized>) {
  if (answer.type === 'success') answer.response.diagnostics.reason.sort();
  return answer;
}
