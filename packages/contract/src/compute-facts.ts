import { type DataClass, SCOPE, type Scope, SUBJECT, type Subject } from '../gen/vocabulary.js';
import { listDataClasses } from './data-classes.js';
import type { Facts } from './facts.js';
import type { Content } from './validate-content.js';

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
    instrument: content.order?.instrument ?? '',
    dataClasses: listDataClasses(content, `categories/${content.category}`) as DataClass[],
    subjects: subjectsOf(content),
    itemCount: content.items.length,
    handling: content.handling,
    urgency: content.urgency,
    scope: widestScope(content),
    deadlineMs: content.deadline === undefined ? 0 : Date.parse(content.deadline),
    retentionDays: content.retention_days,
    reporterConsent: content.report?.source?.consent_to_share === true,
    dataSought: content.data_sought ?? [],
    accuracy: content.accuracy ?? 'unverified',
    origin: content.origin?.nation ?? '',
    onwardConsent: content.origin?.onward_consent === true,
    agreement: content.agreement ?? 'none',
    criminality: content.criminality ?? 'not-stated',
    handlingCode: content.handling_code ?? 'none',
    clocks: (content.clocks ?? []).map(({ clock, minutes }) => ({ clock, minutes })),
  };
}

function subjectsOf(content: Content): Subject[] {
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
function widestScope(content: Content): Scope {
  const width = (scope: Scope) => (scope === 'none' ? -1 : SCOPE.indexOf(scope));
  return content.items
    .map((item) => item.scope ?? 'none')
    .reduce<Scope>((widest, scope) => (width(scope) > width(widest) ? scope : widest), 'none');
}
