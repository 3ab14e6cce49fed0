import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../decide.js';
import { statefulIsAuthorized } from '../engine.js';
import { packs } from '../fixture/shipped-packs.js';
import { frameRequest } from '../frame-request.js';
import { loadPack } from '../load-pack.js';
import type { Pack } from '../pack.js';
import { withCopy } from '../test-kit.js';
import { DEPENDS, dependsOn, type Name, partialRequests, readValue, Unknown } from './partial-request.js';
import { proveDay } from './prove-whole.js';
import { logicOf } from './rule-logic.js';
import { seeded } from './seeded.js';
import { spaceOf } from './space-of.js';
import { STATEMENTS } from './statements.js';

const SEED = 20261124;
const pack = packs.get('DE') as Pack;
const space = spaceOf(pack);
const day = space.usualDay;
const start = partialRequests({ pack, day, dimensions: space.dimensionsOn(day) });
const random = seeded(SEED);
const whole = fc.nat().map((n) => start.complete(seeded(n)));

describe('what a part of a question depends on', () => {
  const { context } = frameRequest(pack, space.crossing(space.sample(1)));
  const paths = [
    ...Object.keys(DEPENDS),
    ...Object.keys(context).filter((name) => name !== 'facts'),
    ...Object.keys(context.facts as object).map((name) => `facts.${name}`),
  ];

  it.each([...new Set(paths)].filter((path) => path !== 'facts.origin'))('%s: on nothing else', (path) => {
    const on = dependsOn(path);
    for (let i = 0; i < 40; i++) {
      const [one, other] = [start.complete(random), start.complete(random)];
      const mixed = on.reduce((request, name) => request.with(name, one.known[name] as number), other);
      const [before, after] = [one, mixed].map((request) =>
        readValue(pack, space.crossing({ day, choices: request.example() }), path),
      );
      expect(after).toEqual(before);
    }
  });
});

describe('the logic of each rule', () => {
  it.each([...packs.keys()])('says of %s what the engine says', (nation) => {
    const own = packs.get(nation) as Pack;
    const ownSpace = spaceOf(own);
    const rules = [...own.rules.values()].map((rule) => ({ rule, logic: logicOf(rule) }));
    const ownStart = partialRequests({
      pack: own,
      day: ownSpace.usualDay,
      dimensions: ownSpace.dimensionsOn(ownSpace.usualDay),
    });
    for (let i = 0; i < 150; i++) {
      const request = ownStart.complete(random);
      const framed = frameRequest(
        own,
        ownSpace.crossing({ day: ownSpace.usualDay, choices: request.example() }),
      );
      const answer = statefulIsAuthorized({
        ...framed,
        preparsedPolicySetId: own.sha256,
        validateRequest: false,
      });
      if (answer.type === 'failure') throw new Error(answer.errors[0]?.message);
      const { decision, diagnostics } = answer.response;
      const matching = rules.filter(({ logic }) => logic.matches(request) === true).map(({ rule }) => rule);
      const forbids = matching.filter(({ effect }) => effect === 'forbid');
      const expected = forbids.length > 0 ? forbids : matching;
      expect(diagnostics.errors).toEqual([]);
      expect(diagnostics.reason.sort()).toEqual(expected.map(({ id }) => id).sort());
      expect(decision === 'allow').toBe(forbids.length === 0 && matching.length > 0);
    }
  });

  it('never says of some what is not so of all', () => {
    const rules = [...pack.rules.values()].map((rule) => logicOf(rule));
    fc.assert(
      fc.property(whole, fc.nat(), (request, n) => {
        const keep = seeded(n);
        const known = Object.fromEntries(Object.entries(request.known).filter(() => keep() < 0.5));
        const part = Object.entries(known).reduce(
          (so, [name, place]) => so.with(name as Name, place as number),
          start,
        );
        for (const { matches } of rules) {
          const said = matches(part);
          if (!(said instanceof Unknown)) expect(matches(request)).toBe(said);
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('is not made up for an operator that may fail', () => {
    const failing = (condition: string) =>
      withCopy(({ dir, edit }) => {
        edit(
          'de/blocking.cedar',
          (text) =>
            `${text}\n@id("x") @basis("b") @says("s") forbid (principal, action, resource) when { ${condition} };`,
        );
        return loadPack(dir, 'DE').rules.get('x');
      });
    const rule = failing('context.facts.itemCount * 2 > 5');
    expect(() => logicOf(rule as never)).toThrow('rule "x": the operator "*" is not known here');
  });
});

describe('a day of all requests', () => {
  it.each([...packs.keys()])(
    'keeps the statements of which a whole day is shown at once, in %s',
    (nation) => {
      const own = packs.get(nation) as Pack;
      const ownSpace = spaceOf(own);
      const statements = STATEMENTS.filter(({ name }) => QUICK.some((word) => name.startsWith(word)));
      for (const statement of statements) {
        const { broken, requests } = proveDay(own, ownSpace, ownSpace.usualDay, [statement]);
        expect(broken).toEqual([]);
        expect(requests).toBe(ownSpace.sizeOn(ownSpace.usualDay));
      }
      expect(statements).toHaveLength(QUICK.length);
    },
  );

  it.each([
    ['reporter-stays-home', 'reporter'],
    ['transfer-without-ground', 'nothing personal'],
  ])('finds the request that passes without the rule %s', (id, word) => {
    const weaker = withCopy(({ dir, edit }) => {
      for (const file of ['limits-people', 'limits-transfer'])
        edit(`base/${file}.cedar`, (text) => text.replace(new RegExp(`@id\\("${id}"\\)[^]*?;\n`), ''));
      return loadPack(dir, 'DE');
    });
    const statement = STATEMENTS.find(({ name }) => name.startsWith(word));
    if (!statement) throw new Error(`no statement begins with "${word}"`);
    const [found] = proveDay(weaker, space, day, [statement]).broken;
    if (!found) throw new Error('nothing was found');
    const crossing = space.crossing(found.point);
    expect(decide(weaker, crossing).decision).toBe('permit');
    expect(decide(pack, crossing).decision).not.toBe('permit');
  });
});

const QUICK = ['victim.identity', 'reporter.*', 'only authorities order', 'block goes', 'customer data'];
