import { askEngine } from './ask-engine.js';
import type { Crossing } from './crossing.js';
import { explainDenial, findNearest } from './explain-denial.js';
import { frameRequest } from './frame-request.js';
import type { Pack } from './pack.js';
import type { Rule } from './read-rules.js';
import type { Verdict } from './verdict.js';

/**
 * Whether this may cross, under these rules and tables on that day. Pure: equal inputs, equal verdict, today and in ten years.
 * Forbid wins, what no rule permits is refused, and so is everything about which the engine has the least doubt.
 */
export function decide(pack: Pack, crossing: Crossing): Verdict {
  const mismatch = findMismatch(pack, crossing);
  if (mismatch) return refuseAlarmed([mismatch]);
  if (crossing.from.id === crossing.to.id) return verdict('refuse', { reason: TO_ITSELF });
  const request = frameRequest(pack, crossing);
  const answer = askEngine(pack.sha256, pack.sha256, request);
  // INVARIANT: Cedar skips a rule that errors, so with an error an "allow" may only mean that a forbid was skipped.
  if (answer.errors.length > 0) return refuseAlarmed(answer.errors);
  const rules = answer.matched.map((id) => pack.rules.get(id)).filter((rule) => rule !== undefined);
  if (answer.allowed) return permit(rules);
  if (rules.some((rule) => rule.hold === null)) return refuse(rules, crossing.facts.dataClasses);
  const nearest = findNearest(pack, request);
  // A release does not make up for a permit that is missing: nobody is asked to release what would be refused then.
  if (nearest?.lacks.length === 0) return hold(rules);
  return verdict('refuse', { rules, reason: explainDenial(pack, nearest) });
}

const TO_ITSELF = 'Sender and recipient are the same member: such a message has no business at a border.';

/** What the directory and the gate got wrong, rather than the sender. */
function findMismatch(pack: Pack, { nation, stage, from, to, day }: Crossing): string | undefined {
  if (nation !== pack.nation) return `the pack of ${pack.nation} cannot decide for ${nation}`;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return `"${day}" is no day: YYYY-MM-DD`;
  const leaves = from.nation === nation;
  const enters = to.nation === nation;
  const expected = leaves && enters ? 'inside' : leaves ? 'leave' : enters ? 'enter' : 'none';
  if (stage !== expected) return `from ${from.nation} to ${to.nation} is not "${stage}" for ${nation}`;
  return undefined;
}

function permit(rules: readonly Rule[]): Verdict {
  const days = rules.flatMap(({ retentionDays }) => (retentionDays === null ? [] : [retentionDays]));
  const retention = days.length > 0 ? [`retention:P${Math.min(...days)}D`] : [];
  const obligations = [...new Set(rules.flatMap((rule) => rule.obligations))].sort();
  return verdict('permit', { rules, obligations: [...obligations, ...retention] });
}

function hold(rules: readonly Rule[]): Verdict {
  const awaits = rules.flatMap((rule) => (rule.hold === null ? [] : [rule.hold]));
  return verdict('hold', { rules, awaits: [...new Set(awaits)].sort() });
}

function refuse(rules: readonly Rule[], dataClasses: readonly string[]): Verdict {
  const cures = rules
    .filter((rule) => rule.hold === null)
    .map((rule) => rule.redact.filter((dataClass) => dataClasses.includes(dataClass)));
  const curable = cures.every((cure) => cure.length > 0);
  const remedies = curable ? [...new Set(cures.flat())].sort().map((dataClass) => `redact:${dataClass}`) : [];
  return verdict('refuse', { rules, remedies });
}

function refuseAlarmed(errors: readonly string[]): Verdict {
  const reason =
    'The rules could not be applied to this message, so it does not pass. The operator of the gate is told.';
  return { ...verdict('refuse', { reason }), alarm: true, errors };
}

function verdict(
  decision: Verdict['decision'],
  { rules = [], reason, ...rest }: Partial<Omit<Verdict, 'rules'>> & { readonly rules?: readonly Rule[] },
): Verdict {
  return {
    decision,
    rules: rules.map(({ id, basis, says }) => ({ id, basis, says })),
    reason: reason ?? rules.map(({ says }) => says).join(' '),
    obligations: [],
    remedies: [],
    ...rest,
  };
}
