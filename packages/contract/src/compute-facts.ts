import { type DataClass, RESULT, SCOPE, type Scope, SEEN, SUBJECT, type Subject } from '../gen/vocabulary.js';
import { listDataClasses } from './data-classes.js';
import type { Facts } from './facts.js';
import { clockFacts } from './set-clocks.js';
import {
  type Content,
  type Referral,
  schemaNameOf,
  type Update,
  type UpdatedItem,
} from './validate-content.js';

/**
 * The facts of a content that has passed its schema. Sender and recipient both compute them; the recipient compares,
 * so a false declaration is found by whoever can read the content.
 */
export function computeFacts(content: Content): Facts {
  return {
    category: content.category,
    action: content.action,
    force: content.force,
    purpose: content.purpose,
    legalBasis: content.legal_basis ?? [],
    dataClasses: listDataClasses(content, schemaNameOf(content)) as DataClass[],
    handling: content.handling,
    urgency: content.urgency,
    retentionDays: content.retention_days,
    accuracy: content.accuracy ?? 'unverified',
    origin: content.origin?.nation ?? '',
    onwardConsent: content.origin?.onward_consent === true,
    agreement: content.agreement ?? 'none',
    handlingCode: content.handling_code ?? 'none',
    clocks: clockFacts(content.clocks ?? []),
    ...(content.update === undefined ? factsOfReferral(content) : factsOfUpdate(content)),
  };
}

function factsOfReferral(content: Referral) {
  return {
    instrument: content.order?.instrument ?? '',
    subjects: subjectsOf(content),
    itemCount: content.items.length,
    scope: widestScope(content),
    deadlineMs: content.deadline === undefined ? 0 : Date.parse(content.deadline),
    reporterConsent: content.report?.source?.consent_to_share === true,
    dataSought: content.data_sought ?? [],
    criminality: content.criminality ?? 'not-stated',
    update: '',
    results: [],
    checks: [],
  } as const;
}

/** It asks for nothing, and speaks of nobody but in free text: what it says is how many items came to what. */
function factsOfUpdate({ update, items = [] }: Update) {
  const count = <W extends string>(words: readonly W[], wordOf: (item: UpdatedItem) => W | undefined) =>
    words
      .map((word) => ({ word, count: items.filter((item) => wordOf(item) === word).length }))
      .filter((one) => one.count > 0);
  return {
    instrument: '',
    subjects: [],
    itemCount: items.length,
    scope: 'none',
    deadlineMs: 0,
    reporterConsent: false,
    dataSought: [],
    criminality: 'not-stated',
    update,
    results: count(RESULT, ({ outcome }) => outcome?.result),
    checks: count(SEEN, ({ check }) => check?.seen),
  } as const;
}

function subjectsOf(content: Referral): Subject[] {
  const people = content.people ?? {};
  const present: Record<Subject, boolean> = {
    suspect: (people.suspects ?? []).length > 0,
    victim: (people.victims ?? []).length > 0,
    witness: (people.witnesses ?? []).length > 0,
    customer: (people.customers ?? []).length > 0,
    reporter: content.report?.source?.reporter !== undefined,
  };
  return SUBJECT.filter((subject) => present[subject]);
}

/** `none` stands last in the list of words but is the narrowest. */
function widestScope(content: Referral): Scope {
  const width = (scope: Scope) => (scope === 'none' ? -1 : SCOPE.indexOf(scope));
  return content.items
    .map((item) => item.scope ?? 'none')
    .reduce<Scope>((widest, scope) => (width(scope) > width(widest) ? scope : widest), 'none');
}
