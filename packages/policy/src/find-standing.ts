import type { Crossing, Party } from './crossing.js';
import {
  type AdequacyRow,
  type ClockRow,
  type CompetenceRow,
  type Dated,
  type NationRow,
  type Tables,
  TREATIES,
} from './table-shapes.js';

export interface Standing {
  readonly groups: readonly string[];
  readonly holdsRole: boolean;
  readonly eu: boolean;
  readonly gdpr: boolean;
  readonly adequate: boolean;
  readonly led: boolean;
  readonly adequateLed: boolean;
  readonly treaties: readonly string[];
}

/** What the tables say of a party on that day; each is looked up when it is read, and reads of the party what it needs. */
export function findStanding(tables: Tables, party: Party, day: string): Standing {
  const find = () => tables.roles.find(({ role }) => role === party.role);
  const covers = (rows: readonly AdequacyRow[]) =>
    rowsOf(rows, party.nation, day).some((decision) => coversParty(decision, () => find()?.groups ?? []));
  const lists = (rows: readonly NationRow[]) => isListed(rows, party.nation, day);
  return {
    get groups() {
      return find()?.groups ?? [];
    },
    get holdsRole() {
      return find()?.types.some((type) => party.types.includes(type)) ?? false;
    },
    get eu() {
      return lists(tables.eu);
    },
    get gdpr() {
      return lists(tables.gdpr);
    },
    get adequate() {
      return covers(tables['adequacy-gdpr']);
    },
    get led() {
      return lists(tables.led);
    },
    get adequateLed() {
      return covers(tables['adequacy-led']);
    },
    get treaties() {
      return TREATIES.filter((treaty) => lists(tables[treaty]));
    },
  };
}

export function isListed(rows: readonly NationRow[], nation: string, day: string): boolean {
  return rowsOf(rows, nation, day).length > 0;
}

/** The rows of the competence table that empower the sender to do just this, on that day. */
export function findCompetence(tables: Tables, { from, to, facts, day }: Crossing): CompetenceRow[] {
  return tables.competence.filter(
    (row) =>
      row.nation === from.nation &&
      row.role === from.role &&
      row.instrument === facts.instrument &&
      row.categories.includes(facts.category) &&
      row.actions.includes(facts.action) &&
      facts.dataSought.every((data) => row.data.includes(data)) &&
      (row.crossBorder || from.nation === to.nation) &&
      isInForce(row, day),
  );
}

/** The deadlines that law or practice sets for the recipient of this message. */
export function findClocks(tables: Tables, { from, to, facts, day }: Crossing): ClockRow[] {
  return tables.clocks.filter(
    (row) =>
      row.actions.includes(facts.action) &&
      row.categories.includes(facts.category) &&
      row.forces.includes(facts.force) &&
      row.urgencies.includes(facts.urgency) &&
      (row.instruments.length === 0 || (row.instruments as readonly string[]).includes(facts.instrument)) &&
      (row.nations.length === 0 || row.nations.includes(to.nation)) &&
      (row.roles.length === 0 || row.roles.includes(to.role)) &&
      (row.legalBases.length === 0 || row.legalBases.some((basis) => facts.legalBasis.includes(basis))) &&
      (!row.abroadOnly || from.nation !== to.nation) &&
      isInForce(row, day),
  );
}

/** Whether the sender relies on the status of a trusted flagger, and has it for this category. */
export function isTrustedFlagger(tables: Tables, { from, facts, day }: Crossing): boolean {
  return (
    facts.legalBasis.includes('dsa-22') &&
    tables['trusted-flaggers'].some(
      (row) => row.member === from.id && row.categories.includes(facts.category) && isInForce(row, day),
    )
  );
}

/** Whether an emergency lets this recipient have all that the message holds. */
export function isCoveredByEmergency(tables: Tables, { to, facts, day }: Crossing): boolean {
  return (
    facts.urgency === 'emergency' &&
    tables.emergency.some(
      (row) =>
        row.roles.includes(to.role) &&
        row.categories.includes(facts.category) &&
        facts.dataClasses.every((dataClass) => row.dataClasses.includes(dataClass)) &&
        isInForce(row, day),
    )
  );
}

// Days are YYYY-MM-DD on both sides, so the order of the letters is the order of time.
export function isInForce({ from, to }: Dated, day: string): boolean {
  return from <= day && (to === null || day <= to);
}

function rowsOf<T extends NationRow>(rows: readonly T[], nation: string, day: string): T[] {
  return rows.filter((row) => row.nation === nation && isInForce(row, day));
}

function coversParty({ covers }: AdequacyRow, groups: () => readonly string[]): boolean {
  if (covers === 'all') return true;
  if (covers === 'private') return groups().includes('private');
  return covers === 'providers' && groups().includes('provider');
}
