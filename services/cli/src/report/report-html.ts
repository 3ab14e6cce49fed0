import { escapeHtml, htmlList, htmlPage, htmlTable } from '../html-page.js';
import type { Statistics } from './collect.js';
import { barsOf, gonePlot, legsPlot } from './plots.js';
import { NOT_SHOWN } from './report-words.js';
import { PUBLIC_RULE } from './round-for-public.js';
import type { Section } from './sections.js';

/**
 * The report as a page with plots.
 * @param statistics for the public, as rounded as the sections
 */
export function reportHtml(sections: readonly Section[], statistics: Statistics, isPublic: boolean): string {
  const { nations, from, to } = statistics;
  const title = `Referrals of ${nations.join(', ')}, from ${from ?? 'the beginning'} to ${to ?? 'the end'}`;
  const small = isPublic
    ? `<p>${escapeHtml(PUBLIC_RULE)}</p>`
    : '<p><strong>Not for the public:</strong> small numbers are shown as they are.</p>';
  const parts = sections.map((section) => {
    const plot = PLOTS[section.title]?.(statistics) ?? barsOf(section);
    const rows = section.rows.map(({ cells, count }) => [...cells, String(count)]);
    return `<h2>${escapeHtml(section.title)}: ${section.sum}</h2>${plot}${htmlTable([...section.columns, 'count'], rows)}`;
  });
  return htmlPage(
    title,
    `<h1>${escapeHtml(title)}</h1>${small}${parts.join('\n')}<h2>Not shown</h2>${htmlList(NOT_SHOWN)}`,
  );
}

/** Where bars of the counts would not say what the section is about. */
const PLOTS: Readonly<Record<string, (statistics: Statistics) => string>> = {
  'Time of each leg': legsPlot,
  'Items to be removed, and how many were seen gone within days, at the least': gonePlot,
};
