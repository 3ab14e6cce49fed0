import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRequestCheck } from './check-request.js';
import { preparsePolicySet, preparseSchema, statefulIsAuthorized } from './engine.js';
import { packs } from './fixture/shipped-packs.js';
import { crossing } from './fixture/test-kit.js';
import { frameRequest, type Request } from './frame-request.js';
import type { Pack } from './pack.js';
import { packsDir } from './packs-dir.js';
import { spaceOf } from './space/space-of.js';

const pack = packs.get('DE') as Pack;
const space = spaceOf(pack);
preparseSchema('shipped', readFileSync(join(packsDir, 'schema.cedarschema'), 'utf8'));
preparsePolicySet('all', { staticPolicies: { all: 'permit (principal, action, resource);' } });

const SEED = 20261124;
const requests = fc.nat().map((n) => frameRequest(pack, space.crossing(space.sample(n, 1))));

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
