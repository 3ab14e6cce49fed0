import { resolve } from 'node:path';
import {
  BLOCK_LAYER,
  CLOCK,
  GROUND,
  RECALL_GROUND,
  RESULT,
  REVIEW_FINDING,
  ROLE,
  SCOPE,
  SEEN,
  UPDATE,
} from '@entente/contract';
import { readJsonObject } from '../read-json.js';
import { UsageError } from '../usage.js';

/** What the options of "entente update" say. */
export interface UpdateWords {
  readonly item: readonly string[];
  readonly ground?: string;
  readonly text?: string;
  readonly answers?: string;
  readonly at?: string;
  readonly fromCountry?: string;
  readonly userTold?: string;
  readonly movedTo?: string;
  readonly movedToCountry?: string;
  readonly passedTo?: string;
  readonly duplicateOf?: string;
  readonly clock?: string;
  readonly finding?: string;
  readonly minutes?: string;
  readonly removeCopy?: boolean;
  readonly message?: string;
  readonly with?: string;
  readonly actor?: string;
}

interface Item {
  readonly id: string;
  readonly outcome?: object;
  readonly check?: object;
}

/**
 * What `POST /v1/cases/<case>/updates` takes. What a file says of an item is added to what the options say of it.
 * @throws UsageError
 */
export function updateBody(word: string, options: UpdateWords): object {
  if (!(UPDATE as readonly string[]).includes(word))
    throw new UsageError(`"${word}" is no update: ${UPDATE.join(', ')}.`);
  const { item, ground, text, answers, message, actor, removeCopy, clock, finding, minutes } = options;
  const { items: further = [], ...more } =
    options.with === undefined ? {} : readJsonObject(resolve(options.with));
  const items = mergeItems(
    item.map((one) => itemOf(word, one, options)),
    further,
  );
  const groundName = word === 'recall' ? 'recall_ground' : 'ground';
  return {
    update: word,
    ...(items.length === 0 ? {} : { items }),
    ...(ground === undefined || item.length > 0 ? {} : { [groundName]: ground }),
    ...(text === undefined ? {} : { text }),
    ...(answers === undefined ? {} : { answers }),
    ...(clock === undefined ? {} : { clock }),
    ...(finding === undefined ? {} : { finding }),
    ...(minutes === undefined ? {} : { minutes: Number(minutes) }),
    ...(removeCopy ? { remove_copy: true } : {}),
    ...(message === undefined ? {} : { in_reply_to: message }),
    ...(actor === undefined ? {} : { actor }),
    ...more,
  };
}

function itemOf(word: string, text: string, options: UpdateWords): Item {
  const { ground, fromCountry, userTold } = options;
  const [id = '', said = ''] = text.split('=');
  if (id === '' || said === '')
    throw new UsageError(`--item takes an item and a word, as in i1=removed, not "${text}".`);
  const at = options.at ?? new Date().toISOString();
  if (word === 'check') {
    if (!fromCountry?.match(/^[A-Z]{2}$/))
      throw new UsageError('Say where you looked from, two capitals, as in --from-country DE.');
    return { id, check: { seen: said, at, from_country: fromCountry } };
  }
  const reason = ground === undefined ? {} : { ground };
  const user = userTold === undefined ? {} : { user: { state: userTold } };
  return { id, outcome: { result: said, at, ...reason, ...user, ...whereTo(said, options) } };
}

/** Where it is now, of an item that is elsewhere. */
function whereTo(result: string, options: UpdateWords): object {
  const { movedTo, movedToCountry, passedTo, duplicateOf } = options;
  if (result === 'passed-on') return passedTo === undefined ? {} : { passed_to: passedTo };
  if (result === 'duplicate') return duplicateOf === undefined ? {} : { duplicate_of: duplicateOf };
  if (result !== 'moved') return {};
  return {
    ...(movedTo === undefined ? {} : { moved_to: movedTo }),
    ...(movedToCountry === undefined ? {} : { moved_to_country: movedToCountry }),
  };
}

function mergeItems(said: readonly Item[], further: unknown): Item[] {
  if (!Array.isArray(further) || !further.every(isItem))
    throw new UsageError('In the file of --with, "items" is a list of objects that each have an "id".');
  const merged = new Map(said.map((item) => [item.id, item]));
  for (const item of further) {
    const { outcome, check } = merged.get(item.id) ?? {};
    merged.set(item.id, {
      ...item,
      ...(outcome || item.outcome ? { outcome: { ...outcome, ...item.outcome } } : {}),
      ...(check || item.check ? { check: { ...check, ...item.check } } : {}),
    });
  }
  return [...merged.values()];
}

function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && typeof (value as Item).id === 'string';
}

/** How the command line says what the API names by its field, and with which words. */
const OPTION: Readonly<Record<string, string>> = {
  text: '--text',
  ground: `--ground (${GROUND.join(', ')})`,
  recall_ground: `--ground (${RECALL_GROUND.join(', ')})`,
  answers: '--answers',
  clock: `--clock (${CLOCK.join(', ')})`,
  finding: `--finding (${REVIEW_FINDING.join(', ')})`,
  minutes: '--minutes',
  items: '--item, as in --item i1=<word>',
  outcome: `--item, as in --item i1=<result> (${RESULT.join(', ')})`,
  check: `--item, as in --item i1=<what was seen> (${SEEN.join(', ')})`,
  block: `--with FILE, and in it {"items": [{"id": "i1", "outcome": {"block": {"layer": …, "scope_applied": …, "review_on": "YYYY-MM-DD"}}}]}; layers: ${BLOCK_LAYER.join(', ')}; scopes: ${SCOPE.join(', ')}`,
  moved_to: '--moved-to',
  moved_to_country: '--moved-to-country',
  passed_to: '--passed-to',
  duplicate_of: '--duplicate-of',
  forbidden_by:
    '--with FILE, and in it {"items": [{"id": "i1", "outcome": {"user": {"state": "forbidden", "until": …, "forbidden_by": …}}}]}',
  forwarded_to: '"entente forward", which sends it on as well',
  escalated_to: `--with FILE, and in it {"escalated_to": …} (${ROLE.join(', ')})`,
};

/** What to say with which option, where an edge says which field is missing; else nothing. */
export function sayOptions(refusal: string): string {
  const missing = [...refusal.matchAll(/ lacks "(\w+)"/g)].map(([, name = '']) => name);
  const said = missing.flatMap((name) => (OPTION[name] ? [`say "${name}" with ${OPTION[name]}`] : []));
  return said.length === 0 ? '' : ` On the command line: ${said.join('; ')}.`;
}
