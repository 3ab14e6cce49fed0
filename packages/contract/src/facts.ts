import type {
  Accuracy,
  Action,
  Agreement,
  Category,
  Clock,
  Criminality,
  DataClass,
  DataSought,
  Force,
  Handling,
  HandlingCode,
  Instrument,
  LegalBasis,
  Purpose,
  Result,
  Scope,
  Seen,
  Subject as SubjectKind,
  Update as UpdateWord,
  Urgency,
} from '../gen/vocabulary.js';
import { Rejection } from './rejection.js';
import { compiledSchema } from './schemas.js';

/** What a gate may read of a referral or an update. Pseudonymous data. Shape: `proto/schemas/facts.json`. */
export interface Facts {
  readonly category: Category;
  readonly action: Action;
  readonly force: Force;
  readonly purpose: Purpose;
  readonly legalBasis: readonly LegalBasis[];
  /** Empty unless `force` is `order`. */
  readonly instrument: Instrument | '';
  readonly dataClasses: readonly DataClass[];
  readonly subjects: readonly SubjectKind[];
  readonly itemCount: number;
  readonly handling: Handling;
  readonly urgency: Urgency;
  /** The widest granularity that any item asks for. */
  readonly scope: Scope;
  /** Milliseconds since the epoch; 0 when there is none. */
  readonly deadlineMs: number;
  readonly retentionDays: number;
  readonly reporterConsent: boolean;
  /** For `preserve` and `produce`. */
  readonly dataSought: readonly DataSought[];
  readonly accuracy: Accuracy;
  /** The nation the data came from; empty: the sender's own. */
  readonly origin: string;
  readonly onwardConsent: boolean;
  readonly agreement: Agreement;
  readonly criminality: Criminality;
  readonly handlingCode: HandlingCode;
  readonly clocks: readonly { readonly clock: Clock; readonly minutes: number }[];
  /** What an update does; empty in a referral. */
  readonly update: UpdateWord | '';
  /** How many items an update gives which result, and of how many it says what was seen by looking again. */
  readonly results: readonly { readonly word: Result; readonly count: number }[];
  readonly checks: readonly { readonly word: Seen; readonly count: number }[];
}

/**
 * The facts of a header, checked word by word against the closed lists.
 * @throws Rejection `facts-malformed`
 */
export function checkFacts(facts: object | null): Facts {
  const validate = compiledSchema('facts');
  if (facts === null || !validate(facts)) {
    const error = validate.errors?.[0];
    throw new Rejection(
      'facts-malformed',
      `facts${error?.instancePath ?? ''} ${error?.message ?? 'are missing'}`,
    );
  }
  return facts as Facts;
}

/** Whether two sets of facts say the same; lists are sets. */
export function sameFacts(a: Facts, b: Facts): boolean {
  const keys = Object.keys(a) as (keyof Facts)[];
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]))
  );
}

function isSame(a: Facts[keyof Facts], b: Facts[keyof Facts]): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  if (a.length !== b.length) return false;
  return a.every((item, i) => item === b[i]) || canonical(a) === canonical(b);
}

function canonical(list: readonly unknown[]): string {
  return JSON.stringify(list.map((item) => JSON.stringify(item)).sort());
}
