import type { ValidateFunction } from 'ajv/dist/2020.js';
import {
  type Accuracy,
  type Action,
  type Agreement,
  type BlockLayer,
  CATEGORY,
  type Category,
  type Clock,
  type ClockEnd,
  type ClockKind,
  type ClockStart,
  type Criminality,
  type DataSought,
  type Force,
  type Ground,
  type Handling,
  type HandlingCode,
  type Instrument,
  type LegalBasis,
  type Purpose,
  type RecallGround,
  type Result,
  type ReviewFinding,
  type Role,
  type Scope,
  type Seen,
  type Update as UpdateWord,
  type Urgency,
  type UserTold,
} from '../gen/vocabulary.js';
import type { MemberId } from './ids.js';
import { LIMITS } from './limits.js';
import { asJson, parseJson } from './parse-json.js';
import { refuseMedia } from './refuse-media.js';
import { Rejection } from './rejection.js';
import { sayFault } from './say-fault.js';
import { compiledSchema, compiledSchemaUnder } from './schemas.js';

/** What the code itself reads of a referral; the schema of its category says the rest. */
export interface Referral {
  readonly update?: undefined;
  readonly category: Category;
  readonly action: Action;
  readonly force: Force;
  readonly purpose: Purpose;
  readonly legal_basis?: readonly LegalBasis[];
  readonly handling: Handling;
  readonly urgency: Urgency;
  readonly retention_days: number;
  readonly deadline?: string;
  readonly items: readonly { readonly id: string; readonly scope?: Scope }[];
  readonly people?: {
    readonly victims?: readonly object[];
    readonly suspects?: readonly object[];
    readonly witnesses?: readonly object[];
    readonly customers?: readonly object[];
  };
  readonly report?: {
    readonly source?: { readonly consent_to_share?: boolean; readonly reporter?: object };
  };
  readonly order?: { readonly instrument: Instrument; readonly issued_at: string };
  readonly data_sought?: readonly DataSought[];
  readonly accuracy?: Accuracy;
  readonly origin?: { readonly nation: string; readonly onward_consent: boolean };
  readonly agreement?: Agreement;
  readonly criminality?: Criminality;
  readonly handling_code?: HandlingCode;
  readonly clocks?: readonly StatedClock[];
  readonly own_reference?: readonly string[];
}

/** What either end says about a referral afterwards: `proto/schemas/update.json`. */
export interface Update
  extends Pick<
    Referral,
    | 'category'
    | 'action'
    | 'force'
    | 'purpose'
    | 'legal_basis'
    | 'handling'
    | 'urgency'
    | 'retention_days'
    | 'accuracy'
    | 'origin'
    | 'agreement'
    | 'handling_code'
    | 'clocks'
  > {
  readonly update: UpdateWord;
  readonly items?: readonly UpdatedItem[];
  readonly ground?: Ground;
  readonly recall_ground?: RecallGround;
  readonly remove_copy?: boolean;
  readonly act_by?: string;
  readonly text?: string;
  readonly language?: string;
  readonly answers?: string;
  readonly forwarded_to?: string;
  readonly escalated_to?: Role;
  /** Which clock of the referral was reviewed, or is extended. */
  readonly clock?: Clock;
  readonly finding?: ReviewFinding;
  /** How long it runs now, from its start. */
  readonly minutes?: number;
}

export interface UpdatedItem {
  readonly id: string;
  readonly outcome?: ItemOutcome;
  readonly check?: {
    readonly seen: Seen;
    readonly at: string;
    readonly from_country: string;
    readonly moved_to_country?: string;
  };
  readonly address?: object;
}

export interface ItemOutcome {
  readonly result: Result;
  /** UTC. */
  readonly at: string;
  readonly ground?: Ground;
  readonly block?: {
    readonly layer: BlockLayer;
    readonly scope_applied: Scope;
    readonly wider_because?: string;
    /** YYYY-MM-DD. */
    readonly review_on: string;
  };
  readonly moved_to?: string;
  readonly moved_to_country?: string;
  readonly passed_to?: string;
  readonly duplicate_of?: string;
  readonly user?: {
    readonly state: UserTold;
    readonly at?: string;
    readonly until?: string;
    readonly forbidden_by?: string;
  };
  readonly note?: string;
}

export type Content = Referral | Update;

/** The schema that a content, or what facts tell of, is under: `update`, or that of its category. */
export function schemaNameOf({
  category,
  update,
}: {
  readonly category: Category;
  readonly update?: string | undefined;
}): string {
  return update ? 'update' : `categories/${category}`;
}

/** A deadline for the recipient, as both ends read it. */
export interface StatedClock {
  readonly clock: Clock;
  readonly minutes: number;
  readonly kind: ClockKind;
  readonly starts: ClockStart;
  readonly ends: ClockEnd;
  /** Who may give more time. */
  readonly extended_by?: Role;
}

/** What a member's system hands to its own edge. */
export interface Submission {
  readonly to: MemberId;
  readonly to_role: Role;
  readonly from_role: Role;
  readonly case_id?: string;
  readonly in_reply_to?: string;
  readonly expires_in_hours?: number;
  readonly actor?: string;
  readonly content: unknown;
}

/**
 * Content as JSON bytes, checked against the schema of its category, or that of updates if it says that it is one.
 * @throws Rejection `too-large`, `content-invalid`, `content-forbidden`
 */
export function parseContent(bytes: Uint8Array): Content {
  return checkedContent(parseJson(bytes, BOUNDS), compiledSchema);
}

/**
 * The same of a value, as it is read again where it is sent as JSON: what this returns.
 * @throws Rejection those of `parseContent`
 */
export function checkContent(value: unknown): Content {
  return checkedContent(asJson(value, BOUNDS), compiledSchema);
}

/**
 * The same of what was sealed before: against the schema that it was sealed under, be it that of the release before. What was sealed under
 * a schema that is not known here, years ago or in years, was checked by those who took it then: only its form is looked at.
 * @throws Rejection `too-large`, `content-invalid`, `content-forbidden`
 */
export function parseSealedContent(bytes: Uint8Array, schemaSha256: Uint8Array): Content {
  return checkedContent(parseJson(bytes, BOUNDS), (name) => compiledSchemaUnder(name, schemaSha256));
}

const BOUNDS = { maxBytes: LIMITS.content, maxDepth: LIMITS.contentDepth };

function checkedContent(
  content: unknown,
  validatorOf: (name: string) => ValidateFunction | undefined,
): Content {
  const category = (content as { category?: unknown } | null)?.category;
  if (!isCategory(category)) {
    throw new Rejection('content-invalid', `/category must be one of ${CATEGORY.join(', ')}`);
  }
  if (category === 'csam') refuseMedia(content);
  const validate = validatorOf(schemaNameOf({ category, ...isUpdate(content) }));
  if (validate) check(validate, content);
  return content as Content;
}

/** @throws Rejection `content-invalid` */
export function parseSubmission(value: unknown): Submission {
  check(compiledSchema('submission'), value);
  return value as Submission;
}

function isUpdate(content: unknown): { update?: string } {
  return Object.hasOwn(content as object, 'update') ? { update: 'update' } : {};
}

function isCategory(word: unknown): word is Category {
  return (CATEGORY as readonly unknown[]).includes(word);
}

function check(validate: ValidateFunction, value: unknown): void {
  if (validate(value)) return;
  // That an `if` did not hold says nothing beside what did not hold in it.
  const faults = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if').slice(0, 3);
  const say = (isToAuthor: boolean) => faults.map((fault) => sayFault(fault, { isToAuthor })).join('; ');
  throw new Rejection('content-invalid', say(false), undefined, say(true));
}
