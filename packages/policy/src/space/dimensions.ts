import type { Approver } from '../crossing.js';
import type { Pack } from '../pack.js';
import { nationsOn } from './day-parts.js';
import { mergeWords } from './merge-words.js';
import type { Literals } from './read-literals.js';

export interface Choices {
  readonly category: string;
  readonly action: string;
  readonly dataSought: readonly string[];
  readonly demand: { readonly force: string; readonly instrument: string };
  readonly roles: readonly [sender: string, recipient: string];
  readonly nations: readonly [sender: string, recipient: string];
  readonly dataClasses: readonly string[];
  readonly urgency: string;
  readonly approvals: readonly (Pick<Approver, 'role'> & { readonly atOrigin: boolean })[];
  readonly purpose: string;
  readonly legalBasis: readonly string[];
  readonly subjects: readonly string[];
  readonly handling: string;
  readonly handlingCode: string;
  readonly scope: string;
  readonly accuracy: string;
  readonly agreement: string;
  readonly criminality: string;
  /** `listed`: one of the other nations that LED binds, `other`: one that it does not bind. */
  readonly origin: 'own' | 'listed' | 'other';
  readonly reporterConsent: boolean;
  readonly onwardConsent: boolean;
  readonly clocks: 'as set' | 'none' | 'one too many';
  /** Whose role the directory does not know. */
  readonly unheld: 'nobody' | 'sender' | 'recipient';
  /** Whether the sender is one that the register of its nation has. */
  readonly flagger: boolean;
  readonly itemCount: number;
  readonly deadlineMs: number;
  readonly retentionDays: number;
}

/** The first value of each is its default: the one that a counterexample is reduced to. */
export type Dimensions = { readonly [Name in keyof Choices]: readonly Choices[Name][] };

/** Of lists that a request has, and not one value: the words that may be in them. */
export type Sets = { readonly [Name in SetName]: readonly Choices[Name][number][] };
export type SetName = 'approvals' | 'dataClasses' | 'dataSought' | 'legalBasis' | 'subjects';

/** Whole closed lists: what is in a set costs nothing where no rule asks for it. */
export function setsOf(pack: Pack, literals: Literals): Sets {
  const all = (type: string) => pack.words.get(type) ?? [];
  return {
    approvals: approversOf(pack, literals),
    dataClasses: all('DataClass'),
    dataSought: all('DataSought'),
    legalBasis: all('LegalBasis'),
    subjects: all('Subject'),
  };
}

/** Everything that a rule or a row of the pack can tell apart, on each day. */
export function createDimensions(pack: Pack, literals: Literals): (day: string) => Dimensions {
  const always = alwaysOf(pack, literals);
  return (day) => ({
    ...always,
    nations: [
      [pack.nation, pack.nation] as const,
      ...nationsOn(pack, literals, day).flatMap((nation) => [
        [pack.nation, nation] as const,
        [nation, pack.nation] as const,
      ]),
    ],
  });
}

function alwaysOf(pack: Pack, literals: Literals): Omit<Dimensions, 'nations'> {
  const merged = (type: string, first?: string) => {
    const list = pack.words.get(type) ?? [];
    const from = first ? [first, ...list.filter((word) => word !== first)] : list;
    return mergeWords(type, from, literals, pack.tables);
  };
  const roles = merged('Role');
  const read = (attribute: string) => literals.attributes.has(attribute);
  const flag = (attribute: string) => (read(attribute) ? [false, true] : [false]);
  const count = (attribute: string, usual: number) =>
    read(attribute) ? [...new Set([usual, ...[...literals.numbers].flatMap((n) => [n, n + 1])])] : [usual];
  const origins = ['foreignOrigin', 'originLed', 'originApprovals'].some(read);
  return {
    category: merged('Category'),
    action: merged('Action', 'inform'),
    dataSought: subsets(merged('DataSought')),
    demand: [
      ...merged('Force', 'notice').flatMap((force) => (force === 'order' ? [] : [{ force, instrument: '' }])),
      ...['', ...merged('Instrument').filter((word) => word !== 'none')].map((instrument) => ({
        force: 'order',
        instrument,
      })),
    ],
    roles: roles.flatMap((sender) => roles.map((recipient) => [sender, recipient] as const)),
    dataClasses: singlesAndPairs(merged('DataClass')),
    urgency: merged('Urgency', 'routine'),
    approvals: approvalsOf(approversOf(pack, literals)),
    purpose: merged('Purpose'),
    legalBasis: subsets(merged('LegalBasis')),
    subjects: subsets([...(literals.words.get('Subject') ?? [])]),
    handling: merged('Handling', 'TLP:AMBER'),
    handlingCode: merged('HandlingCode', 'none'),
    scope: merged('Scope', 'exact-address'),
    accuracy: merged('Accuracy', 'assessed'),
    agreement: merged('Agreement', 'none'),
    criminality: merged('Criminality', 'not-stated'),
    origin: origins ? ['own', 'listed', 'other'] : ['own'],
    reporterConsent: flag('reporterConsent'),
    onwardConsent: flag('onwardConsent'),
    clocks: ['clocksMissing', 'clocksFalse'].some(read) ? ['as set', 'none', 'one too many'] : ['as set'],
    unheld: read('holdsRole') ? ['nobody', 'sender', 'recipient'] : ['nobody'],
    flagger: flag('trustedFlagger'),
    itemCount: count('itemCount', 1),
    deadlineMs: count('deadlineMs', 0),
    retentionDays: count('retentionDays', 180),
  };
}

/** None, each alone, and all at once: for lists of which a rule asks only whether they contain a word. */
function subsets(words: readonly string[]): readonly (readonly string[])[] {
  return [[], ...words.map((word) => [word]), ...(words.length > 1 ? [words] : [])];
}

/** None, each alone, each two: `two-classes.test.ts` proves that no more are needed. */
function singlesAndPairs(words: readonly string[]): readonly (readonly string[])[] {
  const pairs = words.flatMap((one, index) => words.slice(index + 1).map((other) => [one, other]));
  return [[], ...words.map((word) => [word]), ...pairs];
}

/** Nobody, each alone, and all of the deciding nation at once. */
function approvalsOf(approvers: Sets['approvals']): Choices['approvals'][] {
  return [[], ...approvers.map((one) => [one]), approvers.filter(({ atOrigin }) => !atOrigin)];
}

/** Each who may have to be asked, and one who is never asked; in the deciding nation and in that of the data. */
function approversOf({ rules, tables, words }: Pack, literals: Literals): Sets['approvals'] {
  const named = [
    ...[...rules.values()].flatMap(({ hold }) => hold?.role ?? []),
    ...tables.competence.flatMap(({ validatedBy }) => validatedBy ?? []),
    ...literals.approvers,
  ];
  const other = words.get('Role')?.find((role) => !named.includes(role));
  const roles = [...new Set(other ? [...named, other] : named)] as Approver['role'][];
  return roles.flatMap((role) => [
    { role, atOrigin: false },
    { role, atOrigin: true },
  ]);
}
