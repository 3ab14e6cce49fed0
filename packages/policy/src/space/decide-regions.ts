import type { Crossing } from '../crossing.js';
import { holdOrNot } from '../decide.js';
import type { CedarValueJson } from '../engine.js';
import { partsOf } from '../frame-request.js';
import type { Pack } from '../pack.js';
import type { Rule } from '../read-rules.js';
import { type Logic, logicOf, plain, type Read } from '../rule-logic.js';
import type { DayRegions, Outcome } from './day-regions.js';
import { ALL, type Diagrams, NONE, type Region } from './diagrams.js';

type Ask = <Answer>(question: () => Answer, within?: Region) => Map<Answer, Region>;

/** As `decide` does, over all requests at once. That nothing can raise an alarm follows from the operators that `logicOf` knows. */
export function decideRegions(
  pack: Pack,
  crossing: Crossing,
  diagrams: Diagrams,
  ask: Ask,
): DayRegions['outcomes'] {
  const { both, either, not } = diagrams;
  const read = createReader(pack, crossing, diagrams, ask);
  const rules = [...pack.rules.values()].map((rule) => ({ rule, region: read(rule) }));
  const permitted = rules
    .filter(({ rule }) => rule.effect === 'permit')
    .reduce((sum, { region }) => either(sum, region), NONE);
  const open = rules
    .filter(({ rule }) => rule.effect === 'forbid' && rule.hold === null)
    .reduce((rest, { region }) => both(rest, not(region)), permitted);

  const found = new Map([[keyOf({ decision: 'refuse' }), not(open)]]);
  const add = (outcome: string, region: Region) =>
    found.set(outcome, either(found.get(outcome) ?? NONE, region));
  for (const part of byHolds(rules, open, diagrams)) {
    if (part.holding.length === 0) add(keyOf({ decision: 'permit' }), part.region);
    else
      for (const [outcome, region] of ask(
        () => keyOf(holdOrNot(pack, crossing, part.holding, [])),
        part.region,
      ))
        add(outcome, both(part.region, region));
  }
  return [...found]
    .filter(([, region]) => region !== NONE)
    .map(([outcome, region]) => ({ outcome: JSON.parse(outcome) as Outcome, region }));
}

interface RuleRegion {
  readonly rule: Rule;
  readonly region: Region;
}

/** A region in parts, for each set of rules that hold together. */
function byHolds(rules: readonly RuleRegion[], whole: Region, { both, not }: Diagrams) {
  const none: readonly Rule[] = [];
  return rules
    .filter(({ rule }) => rule.hold !== null)
    .reduce(
      (parts, { rule, region }) =>
        parts
          .flatMap((part) => [
            { region: both(part.region, not(region)), holding: part.holding },
            { region: both(part.region, region), holding: [...part.holding, rule] },
          ])
          .filter((part) => part.region !== NONE),
      [{ region: whole, holding: none }],
    );
}

function keyOf({ decision, awaits }: Outcome): string {
  return JSON.stringify(awaits ? { decision, awaits } : { decision });
}

/** Where a rule matches. What several rules ask is asked once. */
function createReader(
  pack: Pack,
  crossing: Crossing,
  { both, not }: Diagrams,
  ask: Ask,
): (rule: Rule) => Region {
  const read = partReader(pack, crossing);
  const asked = new Map<string, Region>();
  const regionOf = (logic: Logic): Region => {
    if (logic.op === 'not') return not(regionOf(logic.of));
    if (logic.op === 'all') return logic.of.reduce((rest, one) => both(rest, regionOf(one)), ALL);
    const region = asked.get(logic.name) ?? ask(() => logic.ask(read)).get(true) ?? NONE;
    asked.set(logic.name, region);
    return region;
  };
  return ({ id, json }) => {
    try {
      return regionOf(logicOf(json));
    } catch (error) {
      throw new Error(`rule "${id}": ${(error as Error).message}`, { cause: error });
    }
  };
}

/** One part of the question alone: nothing is read of a crossing but what that part is made of. */
function partReader(pack: Pack, crossing: Crossing): Read {
  const { action, context, facts, members } = partsOf(pack, crossing);
  const [sender, recipient] = members;
  const member = { principal: sender, resource: recipient };
  return (path) => {
    if (path === 'action') return plain({ __entity: action() });
    const [first = '', last = ''] = path.split('.');
    if (first === 'facts') return plain(facts[last]?.());
    const party = member[first as keyof typeof member];
    if (!party) return plain(context[path]?.());
    return plain(last === 'in' ? (party.parents() as unknown as CedarValueJson[]) : party.attrs[last]?.());
  };
}
