import { type PolicyJson, policySetTextToParts, policyToJson } from './engine.js';
import { PolicyError } from './error.js';
import type { PackFile } from './read-files.js';
import { remembering } from './remember.js';

export interface Rule {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  /** The article. */
  readonly basis: string;
  /** The reason in plain words. */
  readonly says: string;
  /** Permits only. */
  readonly obligations: readonly string[];
  /** Permits only; how long the recipient may keep it. */
  readonly retentionDays: number | null;
  /** Forbids only: what makes a message pass it: `redact:<data class>`, `pseudonymise:<data class>`, `clocks`. */
  readonly remedies: readonly string[];
  /** Forbids only. */
  readonly hold: Hold | null;
  readonly file: string;
  readonly text: string;
  readonly json: PolicyJson;
}

/** Whose approval lifts a rule, and for how long a message may wait for it. */
export interface Hold {
  readonly role: string;
  /** Of the nation that the data came from, and not of the one that decides. */
  readonly atOrigin: boolean;
  readonly withinMinutes: number;
  /** Where waiting would outlast a deadline of the law. */
  readonly otherwise: 'refuse' | 'permit';
}

const REQUIRED = ['id', 'basis', 'says'] as const;
const OPTIONAL = {
  permit: ['obligation', 'retention'],
  forbid: ['remedy', 'hold', 'within', 'otherwise'],
} as const;

/**
 * The rules of all files. A rule's name is its `@id`, not the number that Cedar would give it.
 * @throws PolicyError `rule-invalid`, `rule-incomplete`
 */
export function readRules(files: readonly PackFile[]): Map<string, Rule> {
  const rules = new Map<string, Rule>();
  for (const rule of files.filter(({ name }) => name.endsWith('.cedar')).flatMap(rulesOf)) {
    const other = rules.get(rule.id);
    if (other) {
      throw new PolicyError('rule-incomplete', `${rule.file}: the id "${rule.id}" is taken by ${other.file}`);
    }
    rules.set(rule.id, rule);
  }
  return rules;
}

function rulesOf(file: PackFile): Rule[] {
  const parts = splitRules(file.text);
  if (parts.type === 'failure') {
    const first = parts.errors[0];
    const line = file.text.slice(0, first?.sourceLocations?.[0]?.start ?? 0).split('\n').length;
    throw new PolicyError('rule-invalid', `${file.name}, line ${line}: ${first?.message}`);
  }
  if (parts.policy_templates.length > 0) {
    throw new PolicyError('rule-invalid', `${file.name}: a template decides nothing; write the rule out`);
  }
  return parts.policies.map((text) => ruleIn(`${file.name}\0${text}`));
}

/** Nations share most rules: each stands in memory once. No name of a file has a NUL. */
const ruleIn = remembering((key) => {
  const cut = key.indexOf('\0');
  return ruleOf(key.slice(0, cut), key.slice(cut + 1));
});

const parseRule = remembering(policyToJson);
const splitRules = remembering(policySetTextToParts);

function ruleOf(file: string, text: string): Rule {
  const parsed = parseRule(text);
  if (parsed.type === 'failure') {
    throw new PolicyError('rule-invalid', `${file}: ${parsed.errors[0]?.message}`);
  }
  const { effect, annotations = {} } = parsed.json;
  checkAnnotations(file, text, effect, annotations);
  const { id = '', basis = '', says = '' } = annotations;
  return {
    id,
    effect,
    basis,
    says,
    obligations: words(annotations.obligation),
    retentionDays: daysOf(file, id, annotations.retention),
    remedies: remediesOf(file, id, annotations.remedy),
    hold: holdOf(file, id, annotations),
    file,
    text,
    json: parsed.json,
  };
}

function checkAnnotations(
  file: string,
  text: string,
  effect: 'permit' | 'forbid',
  annotations: Readonly<Record<string, string>>,
): void {
  const where = `${file}: the rule "${annotations.id ?? text.slice(0, 60)}"`;
  const missing = REQUIRED.find((name) => !annotations[name]?.trim());
  if (missing) throw new PolicyError('rule-incomplete', `${where} lacks @${missing}("…")`);
  if (!/^[a-z0-9-]{1,64}$/.test(annotations.id ?? '')) {
    throw new PolicyError('rule-incomplete', `${where}: an id has small letters, digits and hyphens only`);
  }
  const allowed: readonly string[] = [...REQUIRED, ...OPTIONAL[effect]];
  const unknown = Object.keys(annotations).find((name) => !allowed.includes(name));
  if (unknown) throw new PolicyError('rule-incomplete', `${where}: nobody reads @${unknown} on a ${effect}`);
}

function words(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function daysOf(file: string, id: string, duration: string | undefined): number | null {
  if (duration === undefined) return null;
  const days = /^P([1-9]\d{0,4})D$/.exec(duration)?.[1];
  if (!days)
    throw new PolicyError('rule-incomplete', `${file}: "${id}" has @retention("${duration}"); write "P90D"`);
  return Number(days);
}

const REMEDY = /^(?:(?:redact|pseudonymise):[a-z.-]+|clocks)$/;

function remediesOf(file: string, id: string, remedy: string | undefined): string[] {
  const found = words(remedy);
  if (found.some((word) => !REMEDY.test(word)) || (remedy !== undefined && found.length === 0)) {
    throw new PolicyError(
      'rule-incomplete',
      `${file}: "${id}" has @remedy("${remedy}"); write "redact:<data class>", "pseudonymise:<data class>" or "clocks"`,
    );
  }
  return found;
}

function holdOf(
  file: string,
  id: string,
  { hold, within, otherwise }: Readonly<Record<string, string>>,
): Hold | null {
  if ([hold, within, otherwise].every((word) => word === undefined)) return null;
  const [, role, origin] = /^([a-z]+)(@origin)?$/.exec(hold ?? '') ?? [];
  const hours = /^PT([1-9]\d{0,3})H$/.exec(within ?? '')?.[1];
  if (role === undefined || hours === undefined || (otherwise !== 'refuse' && otherwise !== 'permit')) {
    throw new PolicyError(
      'rule-incomplete',
      `${file}: "${id}" holds; write @hold("<role>") or @hold("<role>@origin"), @within("PT24H") and @otherwise("refuse" or "permit")`,
    );
  }
  return { role, atOrigin: origin !== undefined, withinMinutes: Number(hours) * 60, otherwise };
}
