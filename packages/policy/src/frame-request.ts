import type { Facts } from '@entente/contract';
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
} from './find-standing.js';
import type { Pack } from './pack.js';
import type { CompetenceRow, Tables } from './table-shapes.js';

/** The question to the engine: who, what, to whom, in which circumstances. `schema.cedarschema` says the same in types. */
export function frameRequest({ tables }: Pack, crossing: Crossing) {
  const { from, to, facts, day } = crossing;
  return {
    principal: { type: 'Member', id: from.id },
    action: { type: 'Action', id: facts.action },
    resource: { type: 'Member', id: to.id },
    context: contextOf(tables, crossing),
    entities: [from, to].map((party) => memberOf(party, findStanding(tables, party, day))),
  };
}

function contextOf(tables: Tables, crossing: Crossing): Record<string, CedarValueJson> {
  const { nation, from, to, facts, day, stage, approvals = [] } = crossing;
  const rows = findCompetence(tables, crossing);
  const origin = originOf(crossing);
  const approvedIn = (where: string) =>
    approvals.filter((approver) => approver.nation === where).map(({ role }) => role);
  return {
    facts: factsOf(facts),
    stage: word('Stage', stage),
    day: { __extn: { fn: 'datetime', arg: day } },
    crossesBorder: from.nation !== to.nation,
    competent: rows.length > 0,
    validators: words('Role', validatorsOf(rows)),
    approvals: words('Role', approvedIn(nation)),
    originApprovals: words('Role', approvedIn(origin)),
    foreignOrigin: origin !== from.nation && origin !== to.nation,
    originLed: isListed(tables.led, origin, day),
    emergencyCovers: isCoveredByEmergency(tables, crossing),
    listOffence: tables['list-offences'].some(
      (row) => row.categories.includes(facts.category) && isInForce(row, day),
    ),
    csamDerogation: tables['csam-derogation'].some((row) => isInForce(row, day)),
    trustedFlagger: isTrustedFlagger(tables, crossing),
    ...clocksOf(tables, crossing),
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

function clocksOf(tables: Tables, crossing: Crossing) {
  const key = ({ clock, minutes }: { clock: string; minutes: number }) => `${clock}/${minutes}`;
  const stated = crossing.facts.clocks.map(key);
  const set = findClocks(tables, crossing).map(key);
  return {
    clocksMissing: set.some((clock) => !stated.includes(clock)),
    clocksFalse: stated.some((clock) => !set.includes(clock)),
  };
}

function factsOf(facts: Facts): CedarValueJson {
  return {
    category: word('Category', facts.category),
    force: word('Force', facts.force),
    purpose: word('Purpose', facts.purpose),
    legalBasis: words('LegalBasis', facts.legalBasis),
    instrument: word('Instrument', facts.instrument || 'none'),
    dataClasses: words('DataClass', facts.dataClasses),
    dataSought: words('DataSought', facts.dataSought),
    subjects: words('Subject', facts.subjects),
    itemCount: facts.itemCount,
    handling: word('Handling', facts.handling),
    handlingCode: word('HandlingCode', facts.handlingCode),
    urgency: word('Urgency', facts.urgency),
    scope: word('Scope', facts.scope),
    deadlineMs: facts.deadlineMs,
    retentionDays: facts.retentionDays,
    reporterConsent: facts.reporterConsent,
    accuracy: word('Accuracy', facts.accuracy),
    onwardConsent: facts.onwardConsent,
    agreement: word('Agreement', facts.agreement),
    criminality: word('Criminality', facts.criminality),
    clocks: words(
      'Clock',
      facts.clocks.map(({ clock }) => clock),
    ),
  };
}

function memberOf({ id, nation, types, role }: Party, standing: ReturnType<typeof findStanding>): EntityJson {
  const { groups, treaties, ...flags } = standing;
  return {
    uid: { type: 'Member', id },
    attrs: { nation, types: words('MemberType', types), ...flags, treaties: words('Treaty', treaties) },
    parents: [entity('Role', role), ...groups.map((group) => entity('Group', group))],
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
