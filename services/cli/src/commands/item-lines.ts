import type { ItemOutcome } from '@entente/contract';
import type { ReferralView } from '../network/case-view.js';

type Item = ReferralView['items'][number];

/**
 * What became of an item, for a person: its result, then all that was said of it, each in a line of its own.
 * @param asked how wide it was to be, as the referral says
 */
export function itemLines(item: Item, asked?: string): string[] {
  const { id, outcome, check, corrected_to: address } = item;
  return [
    `  ${id}: ${resultOf(outcome)}${check ? `; ${seenOf(check)}` : ''}`,
    ...[address ? `corrected to ${addressOf(address)}` : '', ...(outcome ? detailsOf(outcome, asked) : [])]
      .filter((words) => words !== '')
      .map((words) => `    ${words}`),
  ];
}

function resultOf(outcome: ItemOutcome | undefined): string {
  if (!outcome) return 'no outcome yet';
  const { result, at, ground } = outcome;
  return `${result} ${at}${ground ? ` (${ground})` : ''}`;
}

function seenOf({ seen, at, from_country, moved_to_country: to }: NonNullable<Item['check']>): string {
  return `seen again ${at} from ${from_country}: ${seen}${to ? ` to ${to}` : ''}`;
}

function detailsOf(outcome: ItemOutcome, asked = 'none'): string[] {
  const { block, user, moved_to, moved_to_country, passed_to, duplicate_of, note } = outcome;
  const movedTo = [moved_to, moved_to_country].filter((where) => where !== undefined).join(', ');
  return [
    ...(block ? blockOf(block, asked) : []),
    movedTo === '' ? '' : `moved to ${movedTo}`,
    passed_to === undefined ? '' : `passed to ${passed_to}`,
    duplicate_of === undefined ? '' : `duplicate of ${duplicate_of}`,
    user ? userOf(user) : '',
    note === undefined ? '' : `note: ${note}`,
  ];
}

function blockOf(
  { layer, scope_applied, wider_because, review_on }: NonNullable<ItemOutcome['block']>,
  asked: string,
): string[] {
  return [
    `by ${layer}, scope ${scope_applied} (asked: ${asked}), to be reviewed on ${review_on}`,
    wider_because === undefined ? '' : `wider because: ${wider_because}`,
  ];
}

function userOf({ state, at, until, forbidden_by }: NonNullable<ItemOutcome['user']>): string {
  const forbidden = forbidden_by === undefined ? '' : ` by ${forbidden_by}`;
  return `user: ${state}${forbidden}${at ? ` ${at}` : ''}${until ? ` until ${until}` : ''}`;
}

/** As a URL is written; of what else an address has, each part with its name. */
function addressOf(address: Readonly<Record<string, unknown>>): string {
  return Object.entries(address)
    .map(([name, value]) => (name === 'url' ? value : `${name} ${[value].flat().join(', ')}`))
    .join('; ');
}
