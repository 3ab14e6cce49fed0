import {
  type Action,
  type Category,
  CLOCK_END,
  CLOCK_KIND,
  CLOCK_START,
  type Clock,
  type ClockEnd,
  type ClockKind,
  type ClockStart,
  type DataClass,
  type DataSought,
  type Force,
  type Instrument,
  type LegalBasis,
  type MemberType,
  type Role,
  type Urgency,
} from '@entente/contract';

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
  readonly covers: 'all' | 'private' | 'providers' | 'listed';
}
export interface CompetenceRow extends NationRow {
  readonly role: Role;
  readonly instrument: Instrument;
  readonly categories: readonly Category[];
  readonly actions: readonly Action[];
  /** The categories of data that may be sought, for `preserve` and `produce`. */
  readonly data: readonly DataSought[];
  /** Who has to validate the order before it is given. */
  readonly validatedBy: Role | null;
  /** Whether it reaches members of other nations too. */
  readonly crossBorder: boolean;
}
export interface ClockRow extends Dated {
  readonly clock: Clock;
  readonly minutes: number;
  readonly kind: ClockKind;
  readonly starts: ClockStart;
  readonly ends: ClockEnd;
  /** Who may give more time. */
  readonly extendedBy: Role | null;
  readonly actions: readonly Action[];
  readonly categories: readonly Category[];
  readonly forces: readonly Force[];
  readonly urgencies: readonly Urgency[];
  /** Empty: any. */
  readonly instruments: readonly Instrument[];
  /** The recipient's; empty: any. */
  readonly nations: readonly string[];
  /** The recipient's; empty: any. */
  readonly roles: readonly Role[];
  /** That the message relies on one of these; empty: on any. */
  readonly legalBases: readonly LegalBasis[];
  /** Only where the message crosses a border. */
  readonly abroadOnly: boolean;
}
export interface EmergencyRow extends Dated {
  readonly roles: readonly Role[];
  readonly categories: readonly Category[];
  readonly dataClasses: readonly DataClass[];
}
export interface OffenceRow extends Dated {
  readonly categories: readonly Category[];
}
export interface FlaggerRow extends NationRow {
  /** Whom that nation's coordinator gave the status. */
  readonly member: string;
  readonly categories: readonly Category[];
}

/** By the names that the schema's `Treaty` has; each is a table of its own. */
export const TREATIES = [
  'budapest',
  'second-protocol',
  'convention-108',
  'convention-108-plus',
  'lanzarote',
  'ets-189',
  'eu-us-umbrella',
] as const;
export type Treaty = (typeof TREATIES)[number];

export interface Tables extends Readonly<Record<Treaty, readonly NationRow[]>> {
  readonly roles: readonly RoleRow[];
  readonly eu: readonly NationRow[];
  readonly gdpr: readonly NationRow[];
  readonly led: readonly NationRow[];
  readonly 'adequacy-gdpr': readonly AdequacyRow[];
  readonly 'adequacy-led': readonly AdequacyRow[];
  readonly 'csam-derogation': readonly Dated[];
  readonly 'list-offences': readonly OffenceRow[];
  readonly competence: readonly CompetenceRow[];
  readonly clocks: readonly ClockRow[];
  readonly emergency: readonly EmergencyRow[];
  readonly 'trusted-flaggers': readonly FlaggerRow[];
}

/**
 * What a field holds: a word of one of the schema's closed lists (`one`), that or null (`maybe`), several (`some`), one or
 * several `among` these, or something simple.
 */
export type Field =
  | { one: string }
  | { maybe: string }
  | { some: string }
  | { among: readonly string[] }
  | 'nation'
  | 'nations'
  | 'member'
  | 'day'
  | 'end'
  | 'text'
  | 'flag'
  | 'minutes';

const dated = { from: 'day', to: 'end', source: 'text', verified: 'flag' } as const;
const national = { nation: 'nation', ...dated } as const;
const adequacy = { ...national, covers: { among: ['all', 'private', 'providers', 'listed'] } } as const;
const categories = { some: 'Category' };

/** INVARIANT: says the same as the interfaces above; the readers trust it. */
export const SHAPES: Readonly<Record<keyof Tables, Readonly<Record<string, Field>>>> = {
  roles: { role: { one: 'Role' }, types: { some: 'MemberType' }, groups: { some: 'Group' } },
  eu: national,
  gdpr: national,
  led: national,
  'adequacy-gdpr': adequacy,
  'adequacy-led': adequacy,
  budapest: national,
  'second-protocol': national,
  'convention-108': national,
  'convention-108-plus': national,
  lanzarote: national,
  'ets-189': national,
  'eu-us-umbrella': national,
  'csam-derogation': dated,
  'list-offences': { ...dated, categories },
  competence: {
    ...national,
    role: { one: 'Role' },
    instrument: { one: 'Instrument' },
    categories,
    actions: { some: 'Action' },
    data: { some: 'DataSought' },
    validatedBy: { maybe: 'Role' },
    crossBorder: 'flag',
  },
  clocks: {
    ...dated,
    clock: { one: 'Clock' },
    minutes: 'minutes',
    kind: { among: CLOCK_KIND },
    starts: { among: CLOCK_START },
    ends: { among: CLOCK_END },
    extendedBy: { maybe: 'Role' },
    actions: { some: 'Action' },
    categories,
    forces: { some: 'Force' },
    urgencies: { some: 'Urgency' },
    instruments: { some: 'Instrument' },
    nations: 'nations',
    roles: { some: 'Role' },
    legalBases: { some: 'LegalBasis' },
    abroadOnly: 'flag',
  },
  emergency: { ...dated, roles: { some: 'Role' }, categories, dataClasses: { some: 'DataClass' } },
  'trusted-flaggers': { ...national, member: 'member', categories },
};

export const TABLES = Object.keys(SHAPES) as (keyof Tables)[];
