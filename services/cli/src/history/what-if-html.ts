import { escapeHtml, htmlList, htmlPage, htmlTable } from '../html-page.js';
import type { Change, Move, WhatIf } from './what-if.js';

/** The result as one page; every value is escaped. */
export function whatIfHtml(result: WhatIf): string {
  const { nation, origin, size, before, after, decided, changed, moves, rules, changes } = result;
  return htmlPage(
    `What if: ${nation}`,
    `<h1>What if ${escapeHtml(nation)} had decided by other rules?</h1>
<p>Every crossing in the log <b>${escapeHtml(origin)}</b> (${size} entries) was decided again: ${decided} decisions, of which <b>${changed}</b> would be different.</p>
<dl><dt>Before</dt><dd>${escapeHtml(before)}</dd><dt>After</dt><dd>${escapeHtml(after)}</dd></dl>
<h2>What changes</h2>
${htmlTable(['category', 'from → to', 'before', 'after', 'decisions'], moves.filter(isMove).map(moveCells))}
<h2>What stays</h2>
${htmlTable(['category', 'from → to', 'before', 'after', 'decisions'], moves.filter((move) => !isMove(move)).map(moveCells))}
<h2>Rules that decide more or less often</h2>
${htmlTable(
  ['rule', 'before', 'after'],
  rules.map((one) => [one.rule, String(one.before), String(one.after)]),
)}
<h2>One by one</h2>
<p>${changes.length < changed ? `The first ${changes.length} of ${changed}.` : ''}</p>
${htmlTable(['time', 'message', 'category', 'from → to', 'before', 'after', 'rules before', 'rules after', 'duties before', 'duties after', 'why'], changes.map(changeCells))}
<h2>What this does not show</h2>
${htmlList(LIMITS_OF_IT)}`,
  );
}

/** What a reader must not conclude; said by every form of the report. */
export const LIMITS_OF_IT = [
  'Messages that were never sent, because their senders knew or were shown that the rules would refuse them, are in no log.',
  'What senders took out before they sealed stays out: other rules may have let it pass.',
  'A message that was held is decided twice: when it came, and when its hold ended. Holds that ended without a release are decided once.',
  'The other nation on the way decides for itself; this is one side.',
  'Entries that were erased cannot be decided again.',
] as const;

const isMove = ({ before, after }: Move) => before !== after;
const moveCells = ({ category, pair, before, after, count }: Move) => [
  category,
  pair,
  before,
  after,
  String(count),
];
const changeCells = (one: Change) => [
  ...[one.at, one.id, one.category, one.pair, one.before, one.after],
  ...[one.rulesBefore, one.rulesAfter, one.dutiesBefore, one.dutiesAfter].map((list) => list.join(', ')),
  one.reason,
];
