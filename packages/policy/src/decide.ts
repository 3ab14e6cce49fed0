import { type Answer, askEngine, askPermits } from './ask-engine.js';
import type { Crossing } from './crossing.js';
import { explainDenial, findNearest } from './explain-denial.js';
import { findClocks } from './find-standing.js';
import { frameRequest, originOf, type Request } from './frame-request.js';
import type { Pack } from './pack.js';
import type { Hold, Rule } from './read-rules.js';
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
  const answer = askEngine(pack, request);
  // INVARIANT: Cedar skips a rule that errors, so with an error an "allow" may only mean that a forbid was skipped.
  if (answer.errors.length > 0) return refuseAlarmed(answer.errors);
  const rules = rulesOf(pack, answer);
  if (answer.allowed) return permit(rules);
  if (rules.some((rule) => rule.hold === null)) return refuse(rules, crossing.facts.dataClasses);
  if (rules.length === 0) return refuseByDefault(pack, request, rules);
  const permits = askPermits(pack, request);
  if (permits.errors.length > 0) return refuseAlarmed(permits.errors);
  // A release does not make up for a permit that is missing: nobody is asked to release what would be refused then.
  if (!permits.allowed) return refuseByDefault(pack, request, rules);
  return holdOrNot(pack, crossing, rules, rulesOf(pack, permits));
}

function rulesOf(pack: Pack, { matched }: Answer): Rule[] {
  return matched.map((id) => pack.rules.get(id)).filter((rule) => rule !== undefined);
}

function refuseByDefault(pack: Pack, request: Request, rules: readonly Rule[]): Verdict {
  return verdict('refuse', { rules, reason: explainDenial(pack, findNearest(pack, request)) });
}

const TO_ITSELF = 'Sender and recipient are the same member: such a message has no business at a border.';
const TOO_SLOW =
  'Waiting for a release would outlast a deadline that the law sets, so this is not held but returned at once.';

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

/** A hold must not make the recipient miss a deadline of the law: the rule says what happens instead. */
export function holdOrNot(
  pack: Pack,
  crossing: Crossing,
  holding: readonly Rule[],
  permits: readonly Rule[],
): Verdict {
  // What starts when the recipient has acted is not used up by waiting.
  const deadlines = findClocks(pack.tables, crossing).filter(
    ({ kind, starts }) => kind === 'law' && starts !== 'acted',
  );
  const shortest = Math.min(...deadlines.map(({ minutes }) => minutes));
  const tooSlow = holding.filter(({ hold }) => hold && hold.withinMinutes > shortest);
  const returned = tooSlow.filter(({ hold }) => hold?.otherwise === 'refuse');
  if (returned.length > 0) {
    const reason = `${returned.map(({ says }) => says).join(' ')} ${TOO_SLOW}`;
    return verdict('refuse', { rules: returned, reason });
  }
  const waiting = holding.filter((rule) => !tooSlow.includes(rule));
  return waiting.length > 0 ? hold(waiting, crossing) : permit(permits);
}

function hold(rules: readonly Rule[], crossing: Crossing): Verdict {
  const holds = rules.flatMap((rule) => (rule.hold === null ? [] : [rule.hold]));
  const awaits = holds.map((one) => `${one.role}@${approverNation(one, crossing)}`);
  const holdMinutes = Math.min(...holds.map(({ withinMinutes }) => withinMinutes));
  return verdict('hold', { rules, awaits: [...new Set(awaits)].sort(), holdMinutes });
}

function approverNation({ atOrigin }: Hold, crossing: Crossing): string {
  return atOrigin ? originOf(crossing) : crossing.nation;
}

function refuse(rules: readonly Rule[], dataClasses: readonly string[]): Verdict {
  const cures = rules
    .filter((rule) => rule.hold === null)
    .map((rule) => rule.remedies.filter((remedy) => applies(remedy, dataClasses)));
  const curable = cures.every((cure) => cure.length > 0);
  return verdict('refuse', { rules, remedies: curable ? [...new Set(cures.flat())].sort() : [] });
}

/** What takes out or replaces a data class can only cure a message that holds it. */
function applies(remedy: string, dataClasses: readonly string[]): boolean {
  const [, dataClass] = remedy.split(':');
  return dataClass === undefined || dataClasses.includes(dataClass);
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
