import { createHash } from 'node:crypto';
import { createRequestCheck } from './check-request.js';
import { type SchemaJson, schemaToJson, validate } from './engine.js';
import { PolicyError } from './error.js';
import { keepParsed } from './keep-parsed.js';
import type { Condition, Pack } from './pack.js';
import type { PackFile } from './read-files.js';
import { type Rule, readRules } from './read-rules.js';
import { readTables, type Words } from './read-tables.js';
import { readTexts } from './read-texts.js';
import { remembering } from './remember.js';
import { ruleSets } from './rule-sets.js';
import { splitPermit } from './split-permit.js';

/**
 * Checks rules and tables against the schema; the engine parses them under the pack's hash.
 * @throws PolicyError
 */
export function compilePack(source: {
  readonly nation: string;
  readonly engine: string;
  readonly sha256: string;
  readonly files: readonly PackFile[];
}): Pack {
  const { files, ...named } = source;
  const schema = files.find(({ name }) => name === 'schema.cedarschema')?.text ?? '';
  const { words, check } = readSchema(schema);
  const rules = readRules(files);
  const tables = readTables(files, words);
  const texts = readTexts(files);
  validateRules(named.nation, schema, rules);
  checkDuties(rules, words);
  const permits = [...rules.values()].filter(({ effect }) => effect === 'permit');
  const conditions = permits.flatMap(conditionsOf);
  for (const { id, logic, policy } of conditions)
    if (logic === null) keepParsed(id, () => ({ [id]: policy }));
  return Object.freeze({
    ...named,
    words,
    rules,
    tables,
    texts,
    conditions,
    check,
    rulesFor: ruleSets(named.sha256, rules.values()),
    permitsFor: ruleSets(`${named.sha256}#permits`, permits),
  });
}

/** Of a rule that several nations share, once. */
function conditionsOf(permit: Rule): readonly Condition[] {
  const known = split.get(permit) ?? splitPermit(permit);
  split.set(permit, known);
  return known;
}

const split = new WeakMap<Rule, readonly Condition[]>();

type Types = SchemaJson<string>[string];

const readSchema = remembering((schema) => {
  const parsed = schemaToJson(schema);
  if (parsed.type === 'failure') {
    throw new PolicyError('schema-invalid', `schema.cedarschema: ${parsed.errors[0]?.message}`);
  }
  const types = parsed.json[''];
  if (!types) throw new PolicyError('schema-invalid', 'schema.cedarschema: write it without a namespace');
  checkActions(types);
  return { words: readWords(types), check: createRequestCheck(types) };
});

/** A question names an action and no group of actions: a rule about a group would concern nothing, and a forbid would be silent. */
function checkActions({ actions }: Types): void {
  const grouped = Object.entries(actions).find(([, { memberOf }]) => (memberOf?.length ?? 0) > 0)?.[0];
  if (grouped === undefined) return;
  throw new PolicyError(
    'schema-invalid',
    `schema.cedarschema: the action "${grouped}" is in a group, which no rule is asked about: name actions in rules one by one`,
  );
}

function readWords({ entityTypes, actions }: Types): Words {
  const lists = Object.entries(entityTypes).flatMap(([name, type]) =>
    'enum' in type ? [[name, type.enum] as const] : [],
  );
  return new Map([...lists, ['Action', Object.keys(actions)] as const]);
}

/**
 * Warnings count: a rule that can never match, or that mixes look-alike letters, is not what its author meant. What one rule says
 * has no bearing on whether another is valid, so that a rule that several nations share is checked once.
 */
function validateRules(nation: string, schema: string, rules: ReadonlyMap<string, Rule>): void {
  const under = sha256(schema);
  const known = (text: string) => validity(sha256(under + text));
  const unchecked = [...rules.values()].filter(({ text }) => !known(text).isValid);
  if (unchecked.length === 0) return;
  const staticPolicies = Object.fromEntries(unchecked.map(({ id, text }) => [id, text]));
  const answer = validate({ schema, policies: { staticPolicies } });
  if (answer.type === 'failure') throw new PolicyError('schema-invalid', `${answer.errors[0]?.message}`);
  const problem = [...answer.validationErrors, ...answer.validationWarnings][0];
  if (problem) {
    const { message, help } = problem.error;
    const file = rules.get(problem.policyId)?.file;
    throw new PolicyError(
      'rule-invalid',
      `${file}, rule "${problem.policyId}": ${message}${help ? ` (${help})` : ''}`,
    );
  }
  const other = answer.otherWarnings[0];
  if (other) throw new PolicyError('rule-invalid', `base or ${nation}: ${other.message}`);
  for (const { text } of unchecked) known(text).isValid = true;
}

/** What the engine has found of a rule under a schema, by the hash of both. */
const validity = remembering((_hash) => ({ isValid: false }));

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function checkDuties(rules: ReadonlyMap<string, Rule>, words: Words): void {
  for (const { id, file, remedies, hold } of rules.values()) {
    const dataClass = remedies
      .flatMap((remedy) => remedy.split(':')[1] ?? [])
      .find((word) => !words.get('DataClass')?.includes(word));
    if (dataClass)
      throw new PolicyError(
        'rule-incomplete',
        `${file}: "${id}" has @remedy for no data class, "${dataClass}"`,
      );
    if (hold !== null && !words.get('Role')?.includes(hold.role)) {
      throw new PolicyError('rule-incomplete', `${file}: "${id}" has @hold for no role, "${hold.role}"`);
    }
  }
}
