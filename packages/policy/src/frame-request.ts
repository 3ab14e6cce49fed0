import type { Facts } from '@entente/contract';
import type { Crossing, Party } from './crossing.js';
import type { CedarValueJson, EntityJson, TypeAndId } from './engine.js';
import { findStanding, isCompetent } from './find-standing.js';
import type { Pack } from './pack.js';

/** The question to the engine: who, what, to whom, in which circumstances. `schema.cedarschema` says the same in types. */
export function frameRequest({ tables }: Pack, crossing: Crossing) {
  const { from, to, facts, day, stage, approvals = [] } = crossing;
  return {
    principal: { type: 'Member', id: from.id },
    action: { type: 'Action', id: facts.action },
    resource: { type: 'Member', id: to.id },
    context: {
      facts: factsOf(facts),
      stage: word('Stage', stage),
      day: { __extn: { fn: 'datetime', arg: day } },
      crossesBorder: from.nation !== to.nation,
      competent: isCompetent(tables, crossing),
      approvals: words('Role', approvals),
    },
    entities: [from, to].map((party) => memberOf(party, findStanding(tables, party, day))),
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
    subjects: words('Subject', facts.subjects),
    itemCount: facts.itemCount,
    handling: word('Handling', facts.handling),
    urgency: word('Urgency', facts.urgency),
    scope: word('Scope', facts.scope),
    deadlineMs: facts.deadlineMs,
    retentionDays: facts.retentionDays,
    reporterConsent: facts.reporterConsent,
  };
}

function memberOf({ id, nation, types, role }: Party, standing: ReturnType<typeof findStanding>): EntityJson {
  const { groups, holdsRole, eea, adequate, led, treaties } = standing;
  return {
    uid: { type: 'Member', id },
    attrs: {
      nation,
      types: words('MemberType', types),
      holdsRole,
      eea,
      adequate,
      led,
      treaties: words('Treaty', treaties),
    },
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
