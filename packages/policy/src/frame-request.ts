import type { Crossing, Party } from './crossing.js';
import type { CedarValueJson, EntityJson, TypeAndId } from './engine.js';
import {
  findClocks,
  findCompetence,
  findStanding,
  isCoveredByEmergency,
  isInForce,
  isListed,
  isTrustedFlagger,
  type Standing,
} from './find-standing.js';
import type { Pack } from './pack.js';
import type { CompetenceRow, Tables } from './table-shapes.js';

export type Request = ReturnType<typeof frameRequest>;

/** The question to the engine: who, what, to whom, in which circumstances. `schema.cedarschema` says the same in types. */
export function frameRequest(pack: Pick<Pack, 'tables'>, crossing: Crossing) {
  const { action, context, facts, members } = partsOf(pack, crossing);
  const { from, to } = crossing;
  return {
    principal: { type: 'Member', id: from.id },
    action: action(),
    resource: { type: 'Member', id: to.id },
    context: { facts: answered(facts), ...answered(context) } as Record<string, CedarValueJson>,
    entities: members.map(({ id, attrs, parents }): EntityJson => {
      return { uid: { type: 'Member', id: id() }, attrs: answered(attrs), parents: parents() };
    }),
  };
}

export type Parts = Readonly<Record<string, () => CedarValueJson>>;

/**
 * What the question is made of, each part by itself: it is worked out when it is asked for, and reads no more of a crossing than it
 * needs. So a proof can ask for one part of a crossing of which little is known.
 */
export function partsOf({ tables }: Pick<Pack, 'tables'>, crossing: Crossing) {
  const { from, to, day } = crossing;
  return {
    action: () => entity('Action', crossing.facts.action),
    context: contextOf(tables, crossing),
    facts: factsOf(crossing),
    members: [from, to].map((party) => memberOf(party, findStanding(tables, party, day))),
  };
}

function answered(parts: Parts): Record<string, CedarValueJson> {
  return Object.fromEntries(Object.entries(parts).map(([name, answer]) => [name, answer()]));
}

function contextOf(tables: Tables, crossing: Crossing): Parts {
  const { day } = crossing;
  const approvedIn = (where: string) =>
    (crossing.approvals ?? []).filter(({ nation }) => nation === where).map(({ role }) => role);
  return {
    stage: () => word('Stage', crossing.stage),
    day: () => ({ __extn: { fn: 'datetime', arg: day } }),
    crossesBorder: () => crossing.from.nation !== crossing.to.nation,
    competent: () => findCompetence(tables, crossing).length > 0,
    validators: () => words('Role', validatorsOf(findCompetence(tables, crossing))),
    approvals: () => words('Role', approvedIn(crossing.nation)),
    originApprovals: () => words('Role', approvedIn(originOf(crossing))),
    foreignOrigin: () => ![crossing.from.nation, crossing.to.nation].includes(originOf(crossing)),
    originLed: () => isListed(tables.led, originOf(crossing), day),
    emergencyCovers: () => isCoveredByEmergency(tables, crossing),
    listOffence: () =>
      tables['list-offences'].some(
        (row) => row.categories.includes(crossing.facts.category) && isInForce(row, day),
      ),
    trustedFlagger: () => isTrustedFlagger(tables, crossing),
    csamDerogation: () => tables['csam-derogation'].some((row) => isInForce(row, day)),
    clocksMissing: () => hasOther(findClocks(tables, crossing), crossing.facts.clocks),
    clocksFalse: () => hasOther(crossing.facts.clocks, findClocks(tables, crossing)),
  };
}

/** The nation that the data came from. */
export function originOf({ from, facts }: Crossing): string {
  return facts.origin || from.nation;
}

/** One row that asks for nobody is enough; else whoever the rows name. */
function validatorsOf(rows: readonly CompetenceRow[]): string[] {
  const named = rows.map(({ validatedBy }) => validatedBy);
  return named.includes(null) ? [] : [...new Set(named)].filter((role) => role !== null);
}

interface Deadline {
  readonly clock: string;
  readonly minutes: number;
}

/** Whether there is a deadline in the one list that the other lacks. */
function hasOther(some: readonly Deadline[], others: readonly Deadline[]): boolean {
  return some.some(
    (one) => !others.some((other) => other.clock === one.clock && other.minutes === one.minutes),
  );
}

function factsOf(crossing: Crossing): Parts {
  return {
    category: () => word('Category', crossing.facts.category),
    force: () => word('Force', crossing.facts.force),
    purpose: () => word('Purpose', crossing.facts.purpose),
    legalBasis: () => words('LegalBasis', crossing.facts.legalBasis),
    instrument: () => word('Instrument', crossing.facts.instrument || 'none'),
    dataClasses: () => words('DataClass', crossing.facts.dataClasses),
    dataSought: () => words('DataSought', crossing.facts.dataSought),
    subjects: () => words('Subject', crossing.facts.subjects),
    itemCount: () => crossing.facts.itemCount,
    handling: () => word('Handling', crossing.facts.handling),
    handlingCode: () => word('HandlingCode', crossing.facts.handlingCode),
    urgency: () => word('Urgency', crossing.facts.urgency),
    scope: () => word('Scope', crossing.facts.scope),
    deadlineMs: () => crossing.facts.deadlineMs,
    retentionDays: () => crossing.facts.retentionDays,
    reporterConsent: () => crossing.facts.reporterConsent,
    accuracy: () => word('Accuracy', crossing.facts.accuracy),
    onwardConsent: () => crossing.facts.onwardConsent,
    agreement: () => word('Agreement', crossing.facts.agreement),
    criminality: () => word('Criminality', crossing.facts.criminality),
    clocks: () =>
      words(
        'Clock',
        crossing.facts.clocks.map(({ clock }) => clock),
      ),
  };
}

function memberOf(
  party: Party,
  standing: Standing,
): { readonly id: () => string; readonly attrs: Parts; readonly parents: () => TypeAndId[] } {
  return {
    id: () => party.id,
    attrs: {
      nation: () => party.nation,
      types: () => words('MemberType', party.types),
      holdsRole: () => standing.holdsRole,
      eu: () => standing.eu,
      gdpr: () => standing.gdpr,
      adequate: () => standing.adequate,
      led: () => standing.led,
      adequateLed: () => standing.adequateLed,
      treaties: () => words('Treaty', standing.treaties),
    },
    parents: () => [entity('Role', party.role), ...standing.groups.map((group) => entity('Group', group))],
  };
}

function words(type: string, ids: readonly string[]): CedarValueJson[] {
  return ids.map((id) => word(type, id));
}

function word(type: string, id: string): CedarValueJson {
  return { __entity: entity(type, id) };
}

function entity(type: string, id: string): TypeAndId {
  return { type, id };
}
