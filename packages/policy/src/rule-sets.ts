import type { PolicyJson } from './engine.js';
import type { Request } from './frame-request.js';
import { keepParsed, type Policies } from './keep-parsed.js';
import { narrowRequest, type Reads, readsOf } from './narrow-request.js';
import type { Rule } from './read-rules.js';
import { remembering } from './remember.js';
import { entityTypesOf, spellPolicy, spellRequest } from './spell-words.js';

/** Rules that the engine is asked about together. */
export interface RuleSet {
  /** The engine's name for them. */
  readonly name: string;
  /** What they read of a question. */
  readonly reads: Reads;
  /** The types whose words are not spelled in them; null: of all types. */
  readonly entityTypes: ReadonlySet<string> | null;
  /** What the engine parses. */
  readonly policies: () => Policies;
}

/**
 * The rules that can concern an action: those that name only others match nothing, whatever is asked, and cost time all the same.
 * The engine parses a set when it is first asked for, as most processes ask about few actions.
 * @param name unique among all sets of the process
 * @throws PolicyError `rule-invalid` when a set is asked for that the engine cannot parse
 */
export function ruleSets(name: string, rules: Iterable<Rule>): (action: string) => RuleSet {
  const all = [...rules];
  return remembering((action) => {
    const some = all.filter(({ json }) => concerns(json.action, action));
    const policies = some.map(({ json }) => json);
    const entityTypes = entityTypesOf(policies);
    const set = {
      ...{ name: `${name}#${action}`, reads: readsOf(policies), entityTypes },
      policies: () => Object.fromEntries(some.map((rule) => [rule.id, spelled(rule, entityTypes)])),
    };
    keepParsed(set.name, set.policies);
    return set;
  });
}

function spelled({ text, json }: Rule, entityTypes: RuleSet['entityTypes']): string | PolicyJson {
  return entityTypes === null ? text : spellPolicy(json, entityTypes);
}

/** A request as a set of rules is asked about it. */
export function questionFor({ reads, entityTypes }: RuleSet, request: Request): Request {
  return spellRequest(narrowRequest(request, reads), entityTypes);
}

/** A scope that names no action is left to the engine. */
function concerns(scope: PolicyJson['action'], action: string): boolean {
  const named = 'entities' in scope ? scope.entities : 'entity' in scope ? [scope.entity] : [];
  const ids = named.flatMap((one) => ('id' in one ? [one.id] : []));
  return ids.length === 0 || ids.includes(action);
}
