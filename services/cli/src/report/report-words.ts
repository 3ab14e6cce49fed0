import { faultWords, type NationFault } from '../history/faults-of-logs.js';
import { table } from '../print.js';
import type { Statistics } from './collect.js';
import { PUBLIC_RULE } from './round-for-public.js';
import { heading, inWords, type Section } from './sections.js';

/** What a reader must not conclude; said by every form of the report. */
export const NOT_SHOWN = [
  'What was said, and about whom: no log holds it.',
  'Which item an outcome is about, and what was said with it: the log has the counts, the two ends have the rest.',
  'Whether an outcome is true: that a provider removed something is its word; what was seen by looking again stands beside it.',
  'Addresses: that a host comes back is counted where the same referral was looked at again, and not where a new one was written.',
  'Reports that were refused before a signature held, and what was never sent because a preview showed that it would be refused.',
  'Messages between others than the nations whose logs were given, and records that were erased. What members of another nation say counts where it entered, and is timed there.',
  'What became of it after the last entry of the logs, and later than 60 days after it was handed over.',
  'Whether the logs are true: that says "entente audit replay" and "entente audit reconcile".',
] as const;

/** What a report says of itself, by what it is called. */
export interface About {
  readonly statistics: Statistics;
  readonly isPublic: boolean;
  /** What is wrong with the logs. */
  readonly faults: readonly NationFault[];
}

export function notesOf({ isPublic, faults }: About): {
  readonly rules: readonly string[];
  readonly notShown: readonly string[];
  readonly faults: readonly string[];
} {
  return {
    rules: isPublic ? [PUBLIC_RULE] : [],
    notShown: NOT_SHOWN,
    faults: faults.map(faultWords),
  };
}

export function reportLines(sections: readonly Section[], about: About): string[] {
  const { nations, from, to, until } = about.statistics;
  const { rules, notShown, faults } = notesOf(about);
  return [
    `Nations: ${nations.join(', ')}; from ${from ?? 'the beginning'} to ${to ?? 'the end'}; what became of it until ${until ?? 'then'}`,
    ...rules,
    ...faults,
    ...sections.flatMap(({ title, columns, rows, sum }) => [
      '',
      `${title}: ${sum}`,
      ...(rows.length === 0 ? [] : table(tableOf(columns, rows))),
    ]),
    '',
    'Not shown:',
    ...notShown.map((words) => `  ${words}`),
  ];
}

function tableOf(columns: Section['columns'], rows: Section['rows']): string[][] {
  return [
    [`  ${'count'.padStart(8)}`, ...columns.map(heading)],
    ...rows.map(({ values, count }) => [
      `  ${String(count).padStart(8)}`,
      ...values.map((value, i) => inWords(columns[i] ?? '', value)),
    ]),
  ];
}

/** One value a line, each with the name of its column: the tables have different ones. Durations are in milliseconds. */
export function reportCsv(sections: readonly Section[], about: About): string[] {
  const { nations, from, to, until } = about.statistics;
  const { rules, notShown, faults } = notesOf(about);
  const notes = [
    ['nations', nations.join(' ')],
    ...[
      ['from', from ?? ''],
      ['to', to ?? ''],
      ['until', until ?? ''],
    ],
    ...[...rules.map((words) => ['rule', words]), ...faults.map((words) => ['fault', words])],
    ...notShown.map((words) => ['not shown', words]),
  ].map(([name = '', words = '']) => csvLine(['report', '', name, words]));
  const values = sections.flatMap(({ title, columns, rows }) =>
    rows.flatMap(({ values: cells, count }, row) =>
      [...columns.map((column, i) => [column, cells[i] ?? ''] as const), ['count', count] as const].map(
        ([column, value]) => csvLine([title, String(row + 1), column, String(value)]),
      ),
    ),
  );
  return ['section,row,column,value', ...notes, ...values];
}

/** A cell that begins like a formula is one to a spreadsheet. */
export function csvLine(cells: readonly string[]): string {
  return cells
    .map((cell) => {
      const plain = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
      return `"${plain.replaceAll('"', '""')}"`;
    })
    .join(',');
}
