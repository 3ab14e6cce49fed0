import { table } from '../print.js';
import type { Statistics } from './collect.js';
import { PUBLIC_RULE } from './round-for-public.js';
import type { Section } from './sections.js';

/** What a reader must not conclude; said by every form of the report. */
export const NOT_SHOWN = [
  'What was said, and about whom: no log holds it.',
  'Which item an outcome is about, and what was said with it: the log has the counts, the two ends have the rest.',
  'Whether an outcome is true: that a provider removed something is its word; what was seen by looking again stands beside it.',
  'Addresses: that a host comes back is counted where the same referral was looked at again, and not where a new one was written.',
  'Reports that were refused before a signature held, and what was never sent because a preview showed that it would be refused.',
  'Messages between others than the nations whose logs were given, and records that were erased. What members of another nation say counts where it entered, and is timed there.',
  'Whether the logs are true: that says "entente audit replay" and "entente audit reconcile".',
] as const;

export function reportLines(
  sections: readonly Section[],
  { nations, from, to }: Statistics,
  isPublic: boolean,
): string[] {
  return [
    `Nations: ${nations.join(', ')}; from ${from ?? 'the beginning'} to ${to ?? 'the end'}`,
    ...(isPublic ? [PUBLIC_RULE] : []),
    ...sections.flatMap(({ title, rows, sum }) => [
      '',
      `${title}: ${sum}`,
      ...table(rows.map(({ cells, count }) => [`  ${String(count).padStart(8)}`, ...cells])),
    ]),
    '',
    'Not shown:',
    ...NOT_SHOWN.map((words) => `  ${words}`),
  ];
}

export function reportCsv(sections: readonly Section[]): string[] {
  return [
    'section,count,cells',
    ...sections.flatMap(({ title, rows }) =>
      rows.map(({ cells, count }) => csvLine([title, String(count), ...cells])),
    ),
  ];
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
