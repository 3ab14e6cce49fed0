import type { RequestCheck } from './check-request.js';
import type { PolicyJson } from './engine.js';
import type { Rule } from './read-rules.js';
import type { Words } from './read-tables.js';
import type { Texts } from './read-texts.js';
import type { Logic } from './rule-logic.js';
import type { RuleSet } from './rule-sets.js';
import type { Tables } from './table-shapes.js';

/** A nation's rules and tables, compiled. Everything that a decision depends on is under the hash. */
export interface Pack {
  readonly nation: string;
  /** Hex; the name of the pack, and of what the engine keeps of it. */
  readonly sha256: string;
  /** Version of the Cedar engine and hash of its code. */
  readonly engine: string;
  /** The closed lists of the schema. */
  readonly words: Words;
  readonly rules: ReadonlyMap<string, Rule>;
  readonly tables: Tables;
  /** What the rules say in other languages than English. */
  readonly texts: Texts;
  /** The conditions of each permit, to say what a refused message lacked. */
  readonly conditions: readonly Condition[];
  /** Whether a question is one that the schema knows. */
  readonly check: RequestCheck;
  /** The rules that can concern an action. */
  readonly rulesFor: (action: string) => RuleSet;
  /** Its permits without its forbids. */
  readonly permitsFor: (action: string) => RuleSet;
}

export interface Condition {
  /** Its hash: the same for the same condition of several permits, and the engine's name for it. */
  readonly id: string;
  readonly rule: string;
  /** Cedar, shortened for reading; written when it is first read. */
  readonly text: string;
  /** How far from the rule a message is that lacks it. */
  readonly weight: number;
  /** Null: it has an operator that only the engine knows. */
  readonly logic: Logic | null;
  /** A permit of this condition alone. */
  readonly policy: PolicyJson;
}
