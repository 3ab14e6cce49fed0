import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRequestCheck } from './check-request.js';
import { preparsePolicySet, preparseSchema, statefulIsAuthorized } from './engine.js';
import { packs } from './fixture/shipped-packs.js';
import { frameRequest } from './frame-request.js';
import { narrowRequest, readsOf } from './narrow-request.js';
import type { Pack } from './pack.js';
import { packsDir } from './packs-dir.js';
import { parse, questionFor } from './rule-sets.js';
import { spaceOf } from './space/space-of.js';
import { crossing } from './test-kit.js';

const pack = packs.get('DE') as Pack;
const space = spaceOf(pack);
preparseSchema('shipped', readFileSync(join(packsDir, 'schema.cedarschema'), 'utf8'));
preparsePolicySet('all', { staticPolicies: { all: 'permit (principal, action, resource);' } });

const SEED = 20261124;
const requests = fc.nat().map((n) => frameRequest(pack, space.crossing(space.sample(n, 1))));
type Request = ReturnType<typeof frameRequest>;

/** The engine's own check, as strict as it has one. */
function engineRefuses(request: Request): boolean {
  const call = { preparsedPolicySetId: 'all', preparsedSchemaName: 'shipped', validateRequest: true };
  const answer = statefulIsAuthorized({ ...request, ...call });
  return answer.type === 'failure';
}

/** Where something stands in a request, and what it is replaced by; undefined takes it out. */
interface Damage {
  readonly path: readonly string[];
  readonly value: unknown;
}

const members = ['nation', 'types', 'holdsRole', 'eu', 'treaties'].map((name) => [
  'entities',
  '0',
  'attrs',
  name,
]);
const framed = frameRequest(pack, crossing('hotline.de', 'isp.fr'));
const facts = framed.context.facts as unknown as object;
const places = [
  ...members,
  ...Object.keys(framed.context).map((name) => ['context', name]),
  ...Object.keys(facts).map((name) => ['context', 'facts', name]),
  ['action', 'id'],
  ['entities', '0', 'parents'],
  ['context', 'more'],
  ['context', 'facts', 'more'],
  ['entities', '1', 'attrs', 'more'],
];
const entity = (type: string, id: string) => ({ __entity: { type, id } });
const values: readonly unknown[] = [
  ...[undefined, 'a word', true, 7, 1.5, -1, {}, [], [true], ['a word']],
  ...[entity('Role', 'hotline'), entity('Role', 'butler'), entity('Category', 'csam'), entity('Spy', 'csam')],
  ...[[entity('Role', 'court')], [entity('DataClass', 'shoe-size')], [entity('Treaty', 'budapest')]],
  ...[[{ type: 'Role', id: 'hotline' }], [{ type: 'Role', id: 'butler' }], [{ type: 'Spy', id: 'x' }]],
  ...[{ __extn: { fn: 'datetime', arg: '2026-02-30' } }, { __extn: { fn: 'ip', arg: '10.0.0.1' } }],
];
const damages: fc.Arbitrary<Damage> = fc.record({
  path: fc.constantFrom(...places),
  value: fc.constantFrom(...values),
});

function damaged(request: Request, { path, value }: Damage): Request {
  const copy = structuredClone(request);
  const name = path.at(-1) as string;
  const owner = path
    .slice(0, -1)
    .reduce((node, key) => node[key] as never, copy as unknown as Record<string, unknown>);
  if (value === undefined) delete owner[name];
  else owner[name] = value;
  return copy as Request;
}

describe('the check of a question', () => {
  it('passes every question of the space, as the engine does', () => {
    fc.assert(
      fc.property(requests, (request) => {
        expect(pack.check(request)).toBeUndefined();
        expect(engineRefuses(request)).toBe(false);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('refuses whatever the engine would refuse', () => {
    let refused = 0;
    fc.assert(
      fc.property(requests, damages, (request, damage) => {
        const strange = damaged(request, damage);
        if (!engineRefuses(strange)) return;
        refused += 1;
        expect(pack.check(strange)).toEqual(expect.any(String));
      }),
      { seed: SEED, numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(2000);
  });

  it.each([
    ['an attribute with a type that it does not know', { bytes: { type: 'EntityOrCommon', name: 'ipaddr' } }],
    ['an attribute that is a member', { boss: { type: 'EntityOrCommon', name: 'Member' } }],
  ])('is not made for a schema with %s', (_what, attributes) => {
    const shape = { type: 'Record', attributes };
    const schema = { entityTypes: { Member: { memberOfTypes: [], shape } }, actions: {} };
    expect(() => createRequestCheck(schema as never)).toThrow('no type that a question is made of');
    expect(() => createRequestCheck({ entityTypes: {}, actions: {} })).toThrow('it has no Member');
  });
});

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
        parse(`${nation} ${name}`, Object.fromEntries(some.map(({ id, text }) => [id, text])));
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
