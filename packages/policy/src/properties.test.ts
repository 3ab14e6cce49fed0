import type { DataClass, Facts } from '@entente/contract';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compilePack } from './compile-pack.js';
import type { Crossing } from './crossing.js';
import { decide } from './decide.js';
import { findClocks } from './find-standing.js';
import { packs } from './fixture/shipped-packs.js';
import { hashPack } from './hash-pack.js';
import { loadPack } from './load-pack.js';
import type { Pack } from './pack.js';
import { packsDir } from './packs-dir.js';
import { type PackFile, readFiles } from './read-files.js';
import { spaceOf } from './space/space-of.js';

// The same requests in every run; another seed asks others.
fc.configureGlobal({ seed: 2016_679 });

const pack = packs.get('NL') ?? loadPack(packsDir, 'NL');
const files = readFiles(packsDir, 'NL');
const space = spaceOf(pack);

const crossings = fc
  .tuple(fc.nat(1_000_000), fc.nat(1000))
  .map(([index, seed]) => space.crossing(space.sample(index, seed)));
/** Most of the space is refused by more than one rule: these are close to what passes. */
const likely = fc
  .tuple(fc.nat(1_000_000), fc.constantFrom(...(pack.words.get('DataClass') ?? [])), fc.boolean())
  .map(([index, dataClass, emergency]) =>
    space.crossing(
      space.sample(index, 3, {
        unheld: 'nobody',
        demand: { force: 'notice', instrument: '' },
        dataClasses: ['free-text', dataClass],
        urgency: emergency ? 'emergency' : 'routine',
        clocks: 'as set',
      }),
    ),
  );
const either = fc.oneof(crossings, likely);

/** The same pack with other files; compiled anew, under a hash of its own. */
function recompile(changed: readonly PackFile[]): Pack {
  const { nation, engine } = pack;
  return compilePack({ nation, engine, files: changed, sha256: hashPack(nation, engine, changed) });
}

function withRule(text: string): Pack {
  const bytes = Buffer.from(text);
  return recompile([...files, { name: 'nl/more.cedar', text, bytes }]);
}

const rule = (condition: string) =>
  `@id("more") @basis("b") @says("s") forbid (principal, action, resource) when { ${condition} };`;
const oneOf = (type: string) => fc.constantFrom(...(pack.words.get(type) ?? []));
// INVARIANT: one term at most speaks of the action; a rule that asks for two is refused as impossible.
const ofAction = oneOf('Action').map((word) => `action == Action::"${word}"`);
const term = fc.oneof(
  oneOf('DataClass').map((word) => `context.facts.dataClasses.contains(DataClass::"${word}")`),
  oneOf('Category').map((word) => `context.facts.category == Category::"${word}"`),
  oneOf('Force').map((word) => `context.facts.force == Force::"${word}"`),
  oneOf('Role').map((word) => `resource in Role::"${word}"`),
  fc.constantFrom('context.competent', 'context.crossesBorder', 'principal.eu', 'resource.gdpr'),
);
const condition = fc
  .tuple(fc.oneof(ofAction, term), fc.constantFrom('&&', '||'), term, fc.boolean())
  .map(([one, op, other, not]) => `${not ? '!' : ''}(${one} ${op} ${other})`);

it('adding a forbid never turns a refusal or a hold into a permit', () => {
  fc.assert(
    fc.property(condition, fc.array(either, { minLength: 12, maxLength: 12 }), (when, asked) => {
      const stricter = withRule(rule(when));
      for (const crossing of asked) {
        if (decide(stricter, crossing).decision !== 'permit') continue;
        expect(decide(pack, crossing).decision).toBe('permit');
      }
    }),
    { numRuns: 15 },
  );
});

it('carrying out the remedies leaves nothing to carry out for the same class', () => {
  let carriedOut = 0;
  fc.assert(
    fc.property(either, (asked) => {
      let crossing = asked;
      const done = new Set<string>();
      // INVARIANT: each round takes out or replaces classes that are there, so that there are fewer rounds than classes.
      for (let round = 0; round <= asked.facts.dataClasses.length + 1; round++) {
        const { remedies } = decide(pack, crossing);
        if (remedies.length === 0) return;
        const subjects = remedies.map((remedy) => remedy.split(':')[1] ?? remedy);
        expect(subjects.filter((subject) => done.has(subject))).toEqual([]);
        for (const subject of subjects) done.add(subject);
        crossing = remedies.reduce(carryOut, crossing);
        carriedOut++;
      }
      expect.fail(`never ends: ${JSON.stringify(asked)}`);
    }),
    { numRuns: 400 },
  );
  expect(carriedOut).toBeGreaterThan(0);
});

function carryOut(crossing: Crossing, remedy: string): Crossing {
  const [verb, dataClass] = remedy.split(':');
  if (verb === 'clocks') {
    const clocks = findClocks(pack.tables, crossing).map(({ clock, minutes }) => ({ clock, minutes }));
    return change(crossing, { clocks });
  }
  const rest = crossing.facts.dataClasses.filter((word) => word !== dataClass);
  const pseudonym: readonly DataClass[] = verb === 'pseudonymise' ? ['pseudonym'] : [];
  return change(crossing, { dataClasses: [...new Set([...rest, ...pseudonym])] });
}

function change(crossing: Crossing, changes: Partial<Facts>): Crossing {
  return { ...crossing, facts: { ...crossing.facts, ...changes } };
}

it('the order of files and of rules does not matter', () => {
  const rules = [...pack.rules.values()].map(({ text }) => text);
  const others = files.filter(({ name }) => !name.endsWith('.cedar'));
  fc.assert(
    fc.property(
      fc.shuffledSubarray(rules, { minLength: rules.length }),
      fc.shuffledSubarray([...others], { minLength: others.length }),
      fc.array(either, { minLength: 12, maxLength: 12 }),
      (order, rest, asked) => {
        const text = order.join('\n');
        const shuffled = recompile([...rest, { name: 'nl/all.cedar', text, bytes: Buffer.from(text) }]);
        for (const crossing of asked) {
          const { rules: before, ...verdict } = decide(pack, crossing);
          const { rules: after, ...other } = decide(shuffled, crossing);
          expect({ ...other, reason: '' }).toEqual({ ...verdict, reason: '' });
          if (before.length > 0) expect(other.reason).toBe(verdict.reason);
          expect(after).toEqual(before);
        }
      },
    ),
    { numRuns: 8 },
  );
});

it('any error refuses and alarms, whatever would have been decided', () => {
  // Adding to the largest number overflows, for every message and whatever else the rules say.
  const failing = withRule(rule('context.facts.itemCount + 9223372036854775807 > 0'));
  fc.assert(
    fc.property(either, (crossing) => {
      expect(decide(failing, crossing)).toMatchObject({
        decision: 'refuse',
        alarm: true,
        rules: [],
        remedies: [],
      });
    }),
    { numRuns: 100 },
  );
});

it('a word that is in no closed list is an error, in whichever field it stands', () => {
  const fields = Object.entries(space.crossing(space.sample(1)).facts).filter(
    ([name, value]) => typeof value === 'string' && !['origin', 'action'].includes(name),
  );
  expect(fields.length).toBeGreaterThan(8);
  fc.assert(
    fc.property(either, fc.constantFrom(...fields.map(([name]) => name)), (crossing, field) => {
      const strange = change(crossing, { [field]: 'no-such-word' } as Partial<Facts>);
      expect(decide(pack, strange)).toMatchObject({ decision: 'refuse', alarm: true });
    }),
    { numRuns: 100 },
  );
});
