import type { Change, Move, WhatIf } from './what-if.js';

/** One page that needs nothing else: no script, no font, nothing from outside. Every value is escaped. */
export function whatIfHtml(result: WhatIf): string {
  const { nation, origin, size, before, after, decided, changed, moves, rules, changes } = result;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>What if: ${escapeHtml(nation)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>What if ${escapeHtml(nation)} had decided by other rules?</h1>
<p>Every crossing in the log <b>${escapeHtml(origin)}</b> (${size} entries) was decided again: ${decided} decisions, of which <b>${changed}</b> would be different.</p>
<dl><dt>Before</dt><dd>${escapeHtml(before)}</dd><dt>After</dt><dd>${escapeHtml(after)}</dd></dl>
<h2>What changes</h2>
${table(['category', 'from → to', 'before', 'after', 'decisions'], moves.filter(isMove).map(moveCells))}
<h2>What stays</h2>
${table(['category', 'from → to', 'before', 'after', 'decisions'], moves.filter((move) => !isMove(move)).map(moveCells))}
<h2>Rules that decide more or less often</h2>
${table(
  ['rule', 'before', 'after'],
  rules.map((one) => [one.rule, String(one.before), String(one.after)]),
)}
<h2>One by one</h2>
<p>${changes.length < changed ? `The first ${changes.length} of ${changed}.` : ''}</p>
${table(['time', 'message', 'category', 'from → to', 'before', 'after', 'rules before', 'rules after', 'duties before', 'duties after', 'why'], changes.map(changeCells))}
<h2>What this does not show</h2>
<ul>${LIMITS_OF_IT.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>
</body>
</html>
`;
}

/** What a reader must not conclude; said by every form of the report. */
export const LIMITS_OF_IT = [
  'Messages that were never sent, because their senders knew or were shown that the rules would refuse them, are in no log.',
  'What senders took out before they sealed stays out: other rules may have let it pass.',
  'A message that was held is decided twice: when it came, and when its hold ended. Holds that ended without a release are decided once.',
  'The other nation on the way decides for itself; this is one side.',
  'Entries that were erased cannot be decided again.',
] as const;

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
table{border-collapse:collapse;font-size:.9rem}td,th{border:1px solid #bbb;padding:.25rem .5rem;text-align:left;vertical-align:top}
th{background:#eee}dt{font-weight:bold}dd{overflow-wrap:anywhere}`;

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

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '<p>Nothing.</p>';
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${line(head, 'th')}${rows.map((row) => line(row, 'td')).join('\n')}</table>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
