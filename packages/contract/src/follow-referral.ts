import { type Clock, RESULT, type Result, SCOPE, type Scope } from '../gen/vocabulary.js';
import { type End, type ReferralState, TRANSITIONS } from './transitions.js';
import type { ItemOutcome, Referral, Update, UpdatedItem } from './validate-content.js';

/** An update as either end has it: the same bytes, so that both come to the same. */
export interface Said {
  /** The message that says it. */
  readonly id: string;
  readonly by: End;
  readonly issuedAtMs: number;
  readonly content: Update;
}

export interface FollowedItem {
  readonly id: string;
  /** The last one; undefined while there is none, and after it was corrected. */
  readonly outcome: ItemOutcome | undefined;
  /** All results that it had, in order. */
  readonly results: readonly Result[];
  /** What was seen by looking again, the last time; not of what it was before it was corrected. */
  readonly check: UpdatedItem['check'];
  /** What its originator says that its address is in truth, the last time; undefined: what the referral says. */
  readonly correctedTo: UpdatedItem['address'];
}

export interface Followed {
  readonly state: ReferralState;
  readonly items: readonly FollowedItem[];
  /** Ids of the questions that nobody has answered. */
  readonly questions: readonly string[];
  readonly isEscalated: boolean;
  /** How often the originator has asked again. */
  readonly repeats: number;
  /** Whether the originator wants the recipient's copy gone. */
  readonly removeCopy: boolean;
  /** When the recipient first said anything, and when every item first had an outcome that lasts; undefined: not yet. */
  readonly answeredAtMs: number | undefined;
  readonly actedAtMs: number | undefined;
  /** In which role the originator sent the referral, which decides what it may extend. */
  readonly originatorRole: string;
  /** Of the clocks that were extended, how many minutes they run now. */
  readonly extended: Readonly<Partial<Record<Clock, number>>>;
  /** When each clock that waits for a review was reviewed, the first time: a second one does not make it late. */
  readonly reviewedAtMs: Readonly<Partial<Record<Clock, number>>>;
  /** Updates that changed nothing, and why: they crossed another on the way, or their sender does not keep to the rules. */
  readonly withoutEffect: readonly { readonly id: string; readonly why: string }[];
}

/**
 * What became of a referral by all that was said about it. The order is that of issue, so that both ends come to the same whatever
 * arrives first; an update that was not possible then changes nothing.
 */
export function followReferral(referral: Referral, said: readonly Said[], originatorRole: string): Followed {
  const start = beginning(referral, originatorRole);
  return inOrder(said).reduce((followed, one) => apply(referral, followed, one), start);
}

/** The referral with the addresses that its originator has corrected, as it goes on to others. */
export function asCorrected(referral: Referral, { items }: Pick<Followed, 'items'>): Referral {
  const addresses = new Map(items.map(({ id, correctedTo }) => [id, correctedTo]));
  return {
    ...referral,
    items: referral.items.map((item) => {
      const address = addresses.get(item.id);
      return address === undefined ? item : { ...item, address };
    }),
  };
}

/** In the order of issue; what was issued at the same moment, by the message. */
export function inOrder(said: readonly Said[]): Said[] {
  return [...said].sort((a, b) => a.issuedAtMs - b.issuedAtMs || (a.id < b.id ? -1 : 1));
}

/** Why an end cannot say this now, in words for its desk; undefined: it can. */
export function whyNot(referral: Referral, followed: Followed, by: End, content: Update): string | undefined {
  const { update, items = [], answers } = content;
  if (!findTransition(followed, by, content)) {
    const possible = possibleUpdates(followed, by).join(', ');
    return `The ${by} of a referral that is ${followed.state} cannot say "${update}". Possible: ${possible}.`;
  }
  if (update === 'answer' && !followed.questions.includes(answers ?? ''))
    return `There is no open question ${answers}. Open: ${followed.questions.join(', ') || 'none'}.`;
  const late = whyNotClock(referral, followed, content);
  if (late !== undefined) return late;
  for (const item of items) {
    const problem = whyNotItem(referral, followed, item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function whyNotClock(
  { clocks = [] }: Referral,
  { extended, originatorRole, items }: Followed,
  { update, clock, minutes = 0 }: Update,
): string | undefined {
  if (clock === undefined) return undefined;
  const stated = clocks.find((one) => one.clock === clock);
  // Every block is reviewed, also one that was not asked for.
  const isBlocked = clock === 'block-review' && items.some(({ results }) => results.includes('blocked'));
  if (!stated && update === 'review' && isBlocked) return undefined;
  if (!stated)
    return `The referral has no clock "${clock}". It has ${clocks.map((one) => one.clock).join(', ') || 'none'}.`;
  if (update === 'review')
    return stated.ends === 'reviewed'
      ? undefined
      : `The clock "${clock}" does not wait for a review: it ends when the recipient has ${stated.ends}.`;
  if (stated.extended_by !== originatorRole)
    return `The clock "${clock}" is extended by ${stated.extended_by ? `a ${stated.extended_by}` : 'nobody'}, and this referral came from a ${originatorRole}.`;
  const now = extended[clock] ?? stated.minutes;
  return minutes > now
    ? undefined
    : `The clock "${clock}" runs for ${now} minutes already: ${minutes} would not extend it.`;
}

export function possibleUpdates({ state }: Pick<Followed, 'state'>, by: End): Update['update'][] {
  return TRANSITIONS.filter((one) => one.by === by && one.from.includes(state)).map(({ update }) => update);
}

/** What has to have been done before it can be undone. */
const UNDOES: Partial<Record<Result, { readonly done: readonly Result[]; readonly action: string }>> = {
  restored: { done: ['removed', 'account-suspended', 'access-disabled'], action: 'restore' },
  unblocked: { done: ['blocked'], action: 'unblock' },
  released: { done: ['preserved'], action: 'release' },
};

function whyNotItem(
  referral: Referral,
  followed: Followed,
  { id, outcome }: UpdatedItem,
): string | undefined {
  const asked = referral.items.find((item) => item.id === id);
  if (!asked)
    return `The referral has no item ${id}. It has ${referral.items.map((item) => item.id).join(', ')}.`;
  if (!outcome) return undefined;
  const undo = UNDOES[outcome.result];
  const { results = [] } = followed.items.find((item) => item.id === id) ?? {};
  // A referral that asks to undo is about what was done under another one.
  if (undo && undo.action !== referral.action && !undo.done.some((result) => results.includes(result)))
    return `Item ${id} cannot be ${outcome.result}: it was never ${undo.done.join(' or ')}.`;
  const { block } = outcome;
  if (block && isWider(block.scope_applied, asked.scope ?? 'none') && !block.wider_because)
    return `Item ${id} is blocked wider (${block.scope_applied}) than asked (${asked.scope ?? 'none'}): say in wider_because why it cannot be narrower.`;
  if (block && block.review_on <= outcome.at.slice(0, DAY_LENGTH))
    return `Item ${id} is to be looked at again on ${block.review_on}, which is not after the day on which it was blocked (${outcome.at}).`;
  return undefined;
}

/** YYYY-MM-DD, as each time begins. */
const DAY_LENGTH = 10;

/** From the narrowest to the widest as the vocabulary lists them; `none` asks for nothing, so that everything is wider. */
function isWider(applied: Scope, asked: Scope): boolean {
  const width = (scope: Scope) => (scope === 'none' ? -1 : SCOPE.indexOf(scope));
  return width(applied) > width(asked);
}

function beginning({ items }: Referral, originatorRole: string): Followed {
  return {
    state: 'open',
    items: items.map(({ id }) => ({
      id,
      outcome: undefined,
      results: [],
      check: undefined,
      correctedTo: undefined,
    })),
    questions: [],
    isEscalated: false,
    repeats: 0,
    removeCopy: false,
    answeredAtMs: undefined,
    actedAtMs: undefined,
    originatorRole,
    extended: {},
    reviewedAtMs: {},
    withoutEffect: [],
  };
}

function apply(referral: Referral, before: Followed, { id, by, issuedAtMs, content }: Said): Followed {
  const why = whyNot(referral, before, by, content);
  if (why !== undefined) return { ...before, withoutEffect: [...before.withoutEffect, { id, why }] };
  const items = before.items.map((item) => updateItem(item, content));
  const state = nextState(before, items, by, content);
  const isActed = items.every(({ outcome }) => outcome !== undefined && isLasting(outcome.result));
  const { update, clock, minutes } = content;
  return {
    ...before,
    state,
    items,
    ...(clock && update === 'extend' ? { extended: { ...before.extended, [clock]: minutes } } : {}),
    ...(clock && update === 'review'
      ? { reviewedAtMs: { [clock]: issuedAtMs, ...before.reviewedAtMs } }
      : {}),
    questions: questionsAfter(before, id, content),
    isEscalated: before.isEscalated || content.update === 'escalate',
    repeats: before.repeats + (content.update === 'repeat' ? 1 : 0),
    removeCopy: before.removeCopy || content.remove_copy === true,
    answeredAtMs: before.answeredAtMs ?? (by === 'recipient' ? issuedAtMs : undefined),
    actedAtMs: before.actedAtMs ?? (content.update === 'outcome' && isActed ? issuedAtMs : undefined),
  };
}

function updateItem(item: FollowedItem, { update, items = [] }: Update): FollowedItem {
  const said = items.find(({ id }) => id === item.id);
  if (!said) return item;
  if (update === 'correct')
    return { ...item, outcome: undefined, check: undefined, correctedTo: said.address ?? item.correctedTo };
  return {
    ...item,
    outcome: said.outcome ?? item.outcome,
    results: said.outcome ? [...item.results, said.outcome.result] : item.results,
    check: said.check ?? item.check,
  };
}

function nextState(
  before: Followed,
  items: readonly FollowedItem[],
  by: End,
  content: Update,
): ReferralState {
  const to = findTransition(before, by, content)?.to ?? 'same';
  if (to === 'same') return before.state;
  if (to !== 'items') return to;
  return items.every(({ outcome }) => outcome !== undefined && isLasting(outcome.result))
    ? 'acted'
    : 'accepted';
}

function findTransition({ state }: Followed, by: End, { update }: Update) {
  return TRANSITIONS.find((one) => one.update === update && one.by === by && one.from.includes(state));
}

function questionsAfter({ questions }: Followed, id: string, { update, answers }: Update): readonly string[] {
  if (update === 'ask') return [...questions, id];
  return update === 'answer' ? questions.filter((question) => question !== answers) : questions;
}

/** All but what says that something is still to come. */
const LASTING: ReadonlySet<Result> = new Set(
  RESULT.filter((result) => result !== 'in-progress' && result !== 'disputed'),
);

function isLasting(result: Result): boolean {
  return LASTING.has(result);
}
