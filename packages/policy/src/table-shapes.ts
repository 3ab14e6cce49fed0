import type { Action, Category, Instrument, MemberType, Role } from '@entente/contract';

/** Valid on both days named and between them. */
export interface Dated {
  readonly from: string;
  readonly to: string | null;
  readonly source: string;
  /** Compared with the official publication. */
  readonly verified: boolean;
  readonly note?: string;
}
export interface RoleRow {
  readonly role: Role;
  readonly types: readonly MemberType[];
  readonly groups: readonly string[];
}
export interface NationRow extends Dated {
  readonly nation: string;
}
export interface AdequacyRow extends NationRow {
  readonly covers: 'all' | 'private' | 'listed';
}
export interface TreatyRow extends NationRow {
  readonly treaty: string;
}
export interface CompetenceRow extends NationRow {
  readonly role: Role;
  readonly instrument: Instrument;
  readonly categories: readonly Category[];
  readonly actions: readonly Action[];
  /** Whether it reaches members of other nations too. */
  readonly crossBorder: boolean;
}

export interface Tables {
  readonly roles: readonly RoleRow[];
  readonly eea: readonly NationRow[];
  readonly adequacy: readonly AdequacyRow[];
  readonly led: readonly NationRow[];
  readonly treaties: readonly TreatyRow[];
  readonly competence: readonly CompetenceRow[];
}

/** What a field holds: a word of one of the schema's closed lists (`one`), several (`some`), one `among` these, or something simple. */
export type Field =
  | { one: string }
  | { some: string }
  | { among: readonly string[] }
  | 'nation'
  | 'day'
  | 'end'
  | 'text'
  | 'flag';

const dated = { from: 'day', to: 'end', source: 'text', verified: 'flag' } as const;
const national = { nation: 'nation', ...dated } as const;

/** INVARIANT: says the same as the interfaces above; the readers trust it. */
export const SHAPES: Readonly<Record<keyof Tables, Readonly<Record<string, Field>>>> = {
  roles: { role: { one: 'Role' }, types: { some: 'MemberType' }, groups: { some: 'Group' } },
  eea: national,
  adequacy: { ...national, covers: { among: ['all', 'private', 'listed'] } },
  led: national,
  treaties: { ...national, treaty: { one: 'Treaty' } },
  competence: {
    ...national,
    role: { one: 'Role' },
    instrument: { one: 'Instrument' },
    categories: { some: 'Category' },
    actions: { some: 'Action' },
    crossBorder: 'flag',
  },
};

export const TABLES = Object.keys(SHAPES) as (keyof Tables)[];
