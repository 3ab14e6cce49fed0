import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withCopy } from '../fixture/test-kit.js';
import { loadPack } from '../load-pack.js';
import { packsDir } from '../packs-dir.js';

// Why data classes taken singly and in pairs are enough. Let S be the classes of a message that passes and breaks a
// statement. All that decide it are these questions about S, asked one by one:
//   contains(x), containsAny(L), !isEmpty   true of S: already true of one of its classes
//   L.containsAll(S)                        true of S: true of every part of S
// and the row of the emergency table, which is L.containsAll(S) too. So when a permit matches S that asks for at most one
// class to be there and for all to be in a list, it matches every part of S that keeps that one. A forbid that does not
// match S and asks whether a class is there matches no part of S either; one that asks whether something lies outside a
// list (`!L.containsAll`) the same. A statement is broken by one class that is there ("a victim's image arrived"). What
// remains of S is at most two: the class that the permit asks for, and the class that breaks the statement.
//
// The argument needs: each rule asks in these forms only; no permit asks for two classes at once; and no forbid is lifted
// by a class that is there, and no permit by one that is not. These are what is tested.

const NATIONS = readdirSync(packsDir)
  .filter((name) => /^[a-z]{2}$/.test(name))
  .map((name) => name.toUpperCase());

/** A question about the data classes: whether one of these is there (null: any at all), or whether all are in a list. */
type Question = { readonly asks: 'there' | 'within'; readonly positive: boolean };

it.each(NATIONS)('no rule of %s reads more than two data classes at once', (nation) => {
  const faults = [...loadPack(packsDir, nation).rules.values()].flatMap((rule) => faultsOf(rule));
  expect(faults).toEqual([]);
});

it.each([
  ['a count', 'forbid', 'when { context.facts.dataClasses == [DataClass::"free-text"] }'],
  [
    'two at once',
    'permit',
    'when { context.facts.dataClasses.containsAll([DataClass::"free-text", DataClass::"pseudonym"]) }',
  ],
  [
    'a forbid that a class lifts',
    'forbid',
    'unless { context.facts.dataClasses.contains(DataClass::"free-text") }',
  ],
  [
    'a permit that a class ends',
    'permit',
    'unless { context.facts.dataClasses.contains(DataClass::"free-text") }',
    'kept',
  ],
  [
    'two classes, each by itself',
    'permit',
    'when { context.facts.dataClasses.contains(DataClass::"free-text") && context.facts.dataClasses.contains(DataClass::"pseudonym") }',
  ],
])('would notice %s', (_what, effect, condition, kept?: string) => {
  const pack = withCopy(({ dir, edit }) => {
    edit(
      'de/more.cedar',
      () => `@id("more") @basis("b") @says("s") ${effect} (principal, action, resource) ${condition};`,
    );
    return loadPack(dir, 'DE');
  });
  const rule = pack.rules.get('more');
  expect(rule && faultsOf(rule).length > 0).toBe(kept === undefined);
});

type Rule = ReturnType<ReturnType<typeof loadPack>['rules']['get']> & object;

function faultsOf({ id, effect, json }: Rule): string[] {
  const questions: Question[] = [];
  for (const { kind, body } of json.conditions) ask(body, kind === 'when', questions);
  const mentioned = count(json.conditions);
  const faults =
    mentioned === questions.length ? [] : [`${id} reads data classes in a way that cannot be taken apart`];
  const there = questions.filter(({ asks, positive }) => asks === 'there' && positive);
  if (effect === 'permit' && there.length > 1) faults.push(`${id} asks for two classes at once`);
  // For a permit, fewer classes must keep it; for a forbid, fewer must not wake it.
  const lifted = questions.some(({ asks, positive }) =>
    effect === 'forbid' ? (asks === 'there') !== positive : asks === 'within' && !positive,
  );
  if (lifted)
    faults.push(`${id} is ${effect === 'forbid' ? 'lifted by' : 'in need of'} a class that is there`);
  return faults;
}

/** The questions of an expression, and whether each helps it to be true (an odd number of negations turns that round). */
function ask(value: unknown, positive: boolean, into: Question[]): void {
  if (typeof value !== 'object' || value === null) return;
  const node = value as Record<string, { left?: unknown; right?: unknown; arg?: unknown }>;
  const [op = ''] = Object.keys(node);
  const { left, right, arg } = node[op] ?? {};
  if (op === '!') ask(arg, !positive, into);
  else if (op === '&&' || op === '||') {
    ask(left, positive, into);
    ask(right, positive, into);
  } else if ((op === 'contains' || op === 'containsAny') && isClasses(left))
    into.push({ asks: 'there', positive });
  else if (op === 'containsAny' && isClasses(right)) into.push({ asks: 'there', positive });
  else if (op === 'isEmpty' && isClasses(arg)) into.push({ asks: 'there', positive: !positive });
  else if (op === 'containsAll' && isClasses(right) && count(left) === 0)
    into.push({ asks: 'within', positive });
}

function isClasses(value: unknown): boolean {
  return (value as { '.'?: { attr?: string } } | undefined)?.['.']?.attr === 'dataClasses';
}

function count(value: unknown): number {
  return JSON.stringify(value ?? null).split('"attr":"dataClasses"').length - 1;
}
