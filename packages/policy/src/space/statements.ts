import type { Approver, Crossing } from '../crossing.js';
import { originOf } from '../frame-request.js';
import type { Pack } from '../pack.js';
import type { Dated, NationRow, Tables } from '../table-shapes.js';
import type { Verdict } from '../verdict.js';
import type { Choices } from './dimensions.js';

/** What must be true of everything that passes, in the words of the law and not of the rules. */
export interface Statement {
  readonly name: string;
  readonly holds: (asked: Asked) => boolean;
}

export interface Asked {
  readonly pack: Pack;
  readonly crossing: Crossing;
  readonly verdict: Pick<Verdict, 'decision'>;
  /** What the same request gets with other choices. */
  readonly decideAs: (changes: Partial<Choices>) => Pick<Verdict, 'decision' | 'awaits'>;
}

/** Words that statements name: none of them is merged with another, whatever the rules do. A test reads this file for more. */
export const NAMED: Readonly<Record<string, readonly string[]>> = {
  Action: ['block', 'produce'],
  Agreement: ['none'],
  Force: ['order'],
  Role: ['access', 'ministry'],
  Urgency: ['emergency', 'routine'],
};

// INVARIANT: nothing here asks find-standing.ts: a statement that looks a row up as the rules do proves nothing of that.
const inForce = (row: Dated, day: string) => row.from <= day && (row.to === null || row.to >= day);
const listed = (rows: readonly NationRow[], nation: string, day: string) =>
  rows.some((row) => row.nation === nation && inForce(row, day));
const groups = ({ tables }: Pack, role: string) =>
  tables.roles.find((row) => row.role === role)?.groups ?? [];
const has = (crossing: Crossing, prefix: string) =>
  crossing.facts.dataClasses.some((word) => word === prefix || word.startsWith(`${prefix}.`));

export const STATEMENTS: readonly Statement[] = [
  {
    name: 'victim.identity and victim.image never reach a provider without an order',
    holds: ({ pack, crossing }) =>
      !has(crossing, 'victim') ||
      !groups(pack, crossing.to.role).includes('provider') ||
      crossing.facts.force === 'order',
  },
  {
    name: 'reporter.* crosses only with consent or to an authority',
    holds: ({ pack, crossing }) =>
      !has(crossing, 'reporter') ||
      !isAcross(crossing) ||
      crossing.facts.reporterConsent ||
      groups(pack, crossing.to.role).includes('authority'),
  },
  {
    name: 'an emergency widens data classes only to those its table row lists for that recipient, and starts a review clock',
    holds: ({ pack, crossing, decideAs }) =>
      crossing.facts.urgency !== 'emergency' ||
      (emergencyLists(pack.tables, crossing) && isReviewed(pack.tables, crossing)) ||
      // Not widened: it would have passed, or waited, without the emergency.
      decideAs({ urgency: 'routine', clocks: 'as set' }).decision !== 'refuse',
  },
  {
    name: 'no order passes without a row of competence in force on that day',
    holds: ({ pack, crossing }) => crossing.facts.force !== 'order' || isEmpowered(pack.tables, crossing),
  },
  {
    name: 'only authorities order',
    holds: ({ pack, crossing }) =>
      crossing.facts.force !== 'order' || groups(pack, crossing.from.role).includes('authority'),
  },
  {
    name: 'block goes to access providers only, and in EU packs only with a basis in law',
    holds: ({ pack, crossing }) =>
      crossing.facts.action !== 'block' ||
      (crossing.to.role === 'access' &&
        (crossing.facts.force === 'order' || !listed(pack.tables.eu, pack.nation, crossing.day))),
  },
  {
    name: 'nothing personal leaves to a nation without a ground in force on that day',
    holds: ({ pack, crossing }) => !isAcross(crossing) || hasGround(pack, crossing) || !isPersonal(crossing),
  },
  {
    name: 'customer data is not ordered across a border outside its channel',
    holds: ({ pack, crossing: { facts, from, to, day } }) =>
      facts.action !== 'produce' ||
      facts.force !== 'order' ||
      from.nation === to.nation ||
      [from, to].every(({ nation }) => listed(pack.tables['second-protocol'], nation, day)),
  },
  {
    name: 'a hold is released only by who may',
    holds: isReleasedRightly,
  },
];

/** What must pass in some request: without these, a pack that permits nothing would keep every statement. */
export interface Existence {
  readonly name: string;
  /** Where to look for it: each of these in turn, with the rest of the request taken at random. */
  readonly only: Partial<Choices> | ((pack: Pack) => readonly Partial<Choices>[]);
  readonly applies: (pack: Pack) => boolean;
  readonly shows: (asked: Asked) => boolean;
}

const always = () => true;
const permitted = ({ verdict }: Asked) => verdict.decision === 'permit';
const NOTICE = { force: 'notice', instrument: '' };
const reaches = (group: string) => (asked: Asked) =>
  permitted(asked) && groups(asked.pack, asked.crossing.to.role).includes(group);

export const EXISTENCES: readonly Existence[] = [
  {
    name: "an affected customer's address and account reach a provider without an order",
    only: {
      demand: NOTICE,
      action: 'inform',
      category: 'malware',
      roles: ['hotline', 'hosting'],
      dataClasses: ['customer.address', 'customer.account'],
    },
    applies: always,
    shows: reaches('provider'),
  },
  {
    name: 'a reporter is told to an authority without consent',
    only: { demand: NOTICE, dataClasses: ['reporter.identity'], reporterConsent: false },
    applies: always,
    shows: reaches('authority'),
  },
  {
    name: 'a notice to remove reaches a provider',
    only: { demand: NOTICE, action: 'remove' },
    applies: always,
    shows: reaches('provider'),
  },
  {
    name: 'an order passes',
    only: {},
    applies: ({ tables, nation }) => tables.competence.some((row) => row.nation === nation),
    shows: (asked) => permitted(asked) && asked.crossing.facts.force === 'order',
  },
  {
    name: 'something crosses the border',
    only: { demand: NOTICE, dataClasses: ['free-text'] },
    applies: always,
    shows: (asked) => permitted(asked) && isAcross(asked.crossing),
  },
  {
    name: 'something waits for a release',
    only: ordersAtHome,
    applies: ({ rules }) => [...rules.values()].some(({ file, hold }) => hold && !file.startsWith('base/')),
    shows: ({ verdict }) => verdict.decision === 'hold',
  },
  {
    name: 'something is refused',
    only: {},
    applies: always,
    shows: ({ verdict }) => verdict.decision === 'refuse',
  },
];

function ordersAtHome({ nation, tables }: Pack): readonly Partial<Choices>[] {
  const providers = tables.roles.filter(({ groups }) => groups.includes('provider'));
  return tables.competence
    .filter((row) => row.nation === nation)
    .flatMap((row) =>
      providers.map(({ role }, index) => ({
        category: row.categories[index % row.categories.length] ?? '',
        action: row.actions[index % row.actions.length] ?? '',
        demand: { force: 'order', instrument: row.instrument },
        roles: [row.role, role] as const,
        nations: [nation, nation] as const,
        dataClasses: ['free-text'],
        dataSought: row.data.slice(0, 1),
        unheld: 'nobody' as const,
        scope: 'exact-address',
        approvals: [],
      })),
    );
}

function isAcross({ from, to }: Crossing): boolean {
  return from.nation !== to.nation;
}

/** What the network holds to be about nobody. */
function isPersonal({ facts }: Crossing): boolean {
  return facts.dataClasses.some((word) => word !== 'content-hash');
}

function isEmpowered(tables: Tables, { from, to, facts, day }: Crossing): boolean {
  return tables.competence.some(
    (row) =>
      row.nation === from.nation &&
      row.role === from.role &&
      row.instrument === facts.instrument &&
      row.categories.includes(facts.category) &&
      row.actions.includes(facts.action) &&
      facts.dataSought.every((data) => row.data.includes(data)) &&
      (from.nation === to.nation || row.crossBorder) &&
      inForce(row, day),
  );
}

function emergencyLists(tables: Tables, { to, facts, day }: Crossing): boolean {
  return tables.emergency.some(
    (row) =>
      row.roles.includes(to.role) &&
      row.categories.includes(facts.category) &&
      facts.dataClasses.every((word) => row.dataClasses.includes(word)) &&
      inForce(row, day),
  );
}

function isReviewed(tables: Tables, { facts, day }: Crossing): boolean {
  return tables.clocks.some(
    (row) => row.clock === 'emergency-review' && row.urgencies.includes(facts.urgency) && inForce(row, day),
  );
}

/** Grounds by treaty, decision or agreement of the nations; or one that the sender states, for the case at hand. */
const STATED_GROUNDS: readonly string[] = [
  'gdpr-6-1-d',
  'gdpr-46',
  'gdpr-49-1-d',
  'gdpr-49-1-f',
  'led-35-2',
  'led-37',
  'led-38',
  'led-39',
  'second-protocol-14',
];

function hasGround({ tables }: Pack, { to, facts, day }: Crossing): boolean {
  const stands = (['gdpr', 'led', 'adequacy-gdpr', 'adequacy-led', 'eu-us-umbrella'] as const).some((table) =>
    listed(tables[table], to.nation, day),
  );
  return (
    stands || facts.agreement !== 'none' || facts.legalBasis.some((word) => STATED_GROUNDS.includes(word))
  );
}

/**
 * Who passes by a release would have waited without it, and for just those who released it. Nothing else is lifted by an approval,
 * but for what awaits the consent of the nation that the data came from: its ministry's word is that consent.
 */
function isReleasedRightly({ pack, crossing, verdict, decideAs }: Asked): boolean {
  const given = crossing.approvals ?? [];
  if (!given.some(() => true) || verdict.decision !== 'permit') return true;
  const { decision, awaits = [] } = decideAs({ approvals: [] });
  if (decision === 'permit') return true;
  const may = ({ role, nation }: Approver) => `${role}@${nation}`;
  const origin = originOf(crossing);
  // A refusal is lifted by nobody: only what waits can be released.
  return (
    decision === 'hold' &&
    awaits.every(
      (one) => given.map(may).includes(one) && [pack.nation, origin].includes(one.split('@')[1] ?? ''),
    )
  );
}
