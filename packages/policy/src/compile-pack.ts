import { createRequestCheck } from './check-request.js';
import { preparsePolicySet, type SchemaJson, schemaToJson, validate } from './engine.js';
import { PolicyError } from './error.js';
import { readsOf } from './narrow-request.js';
import { conditionSet, type Pack, permitSet } from './pack.js';
import type { PackFile } from './read-files.js';
import { type Rule, readRules } from './read-rules.js';
import { readTables, type Words } from './read-tables.js';
import { readTexts } from './read-texts.js';
import { splitPermit } from './split-permit.js';

/**
 * Checks rules and tables against the schema and has the engine parse them once, under the pack's hash.
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
  const types = readTypes(schema);
  const words = readWords(types);
  const rules = readRules(files);
  const tables = readTables(files, words);
  const texts = readTexts(files);
  validateRules(named.nation, schema, rules);
  checkDuties(rules, words);
  const permits = new Map([...rules].filter(([, { effect }]) => effect === 'permit'));
  const split = [...permits.values()].flatMap(splitPermit);
  preparse(named.sha256, rules, permits, split);
  return Object.freeze({
    ...named,
    words,
    rules,
    tables,
    texts,
    conditions: split.map(({ condition }) => condition),
    check: createRequestCheck(types),
    reads: {
      rules: readsOf([...rules.values()].map(({ json }) => json)),
      permits: readsOf([...permits.values()].map(({ json }) => json)),
    },
  });
}

type Types = SchemaJson<string>[string];

function readTypes(schema: string): Types {
  const parsed = schemaToJson(schema);
  if (parsed.type === 'failure') {
    throw new PolicyError('schema-invalid', `schema.cedarschema: ${parsed.errors[0]?.message}`);
  }
  const types = parsed.json[''];
  if (!types) throw new PolicyError('schema-invalid', 'schema.cedarschema: write it without a namespace');
  return types;
}

function readWords({ entityTypes, actions }: Types): Words {
  const lists = Object.entries(entityTypes).flatMap(([name, type]) =>
    'enum' in type ? [[name, type.enum] as const] : [],
  );
  return new Map([...lists, ['Action', Object.keys(actions)] as const]);
}

/** Warnings count: a rule that can never match, or that mixes look-alike letters, is not what its author meant. */
function validateRules(nation: string, schema: string, rules: ReadonlyMap<string, Rule>): void {
  const answer = validate({ schema, policies: policySet(rules) });
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
}

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

function preparse(
  sha256: string,
  rules: ReadonlyMap<string, Rule>,
  permits: ReadonlyMap<string, Rule>,
  split: ReturnType<typeof splitPermit>,
): void {
  const unknown = split.filter(({ condition }) => condition.logic === null);
  const answers = [
    preparsePolicySet(sha256, policySet(rules)),
    preparsePolicySet(permitSet(sha256), policySet(permits)),
    ...unknown.map(({ condition: { id }, policy }) =>
      preparsePolicySet(conditionSet(sha256, id), { staticPolicies: { [id]: policy } }),
    ),
  ];
  const failure = answers.find(({ type }) => type === 'failure');
  if (failure?.type === 'failure') throw new PolicyError('rule-invalid', `${failure.errors[0]?.message}`);
}

function policySet(rules: ReadonlyMap<string, Rule>) {
  return { staticPolicies: Object.fromEntries([...rules].map(([id, { text }]) => [id, text])) };
}
