import type { Crossing, Party } from './crossing.js';
import type { AdequacyRow, Dated, NationRow, Tables } from './table-shapes.js';

export interface Standing {
  readonly groups: readonly string[];
  readonly holdsRole: boolean;
  readonly eea: boolean;
  readonly adequate: boolean;
  readonly led: boolean;
  readonly treaties: readonly string[];
}

/** What the tables say of a party on that day. */
export function findStanding(tables: Tables, { nation, role, types }: Party, day: string): Standing {
  const row = tables.roles.find((candidate) => candidate.role === role);
  const groups = row?.groups ?? [];
  const here = <T extends NationRow>(rows: readonly T[]) =>
    rows.filter((candidate) => candidate.nation === nation && isInForce(candidate, day));
  return {
    groups,
    holdsRole: row?.types.some((type) => types.includes(type)) ?? false,
    eea: here(tables.eea).length > 0,
    adequate: here(tables.adequacy).some((decision) => coversParty(decision, groups)),
    led: here(tables.led).length > 0,
    treaties: [...new Set(here(tables.treaties).map(({ treaty }) => treaty))],
  };
}

/** Whether a row of the competence table empowers the sender to do just this, on that day. */
export function isCompetent(tables: Tables, { from, to, facts, day }: Crossing): boolean {
  return tables.competence.some(
    (row) =>
      row.nation === from.nation &&
      row.role === from.role &&
      row.instrument === facts.instrument &&
      row.categories.includes(facts.category) &&
      row.actions.includes(facts.action) &&
      (row.crossBorder || from.nation === to.nation) &&
      isInForce(row, day),
  );
}

function coversParty({ covers }: AdequacyRow, groups: readonly string[]): boolean {
  return covers === 'all' || (covers === 'private' && groups.includes('private'));
}

// Days are YYYY-MM-DD on both sides, so the order of the letters is the order of time.
function isInForce({ from, to }: Dated, day: string): boolean {
  return from <= day && (to === null || day <= to);
}
