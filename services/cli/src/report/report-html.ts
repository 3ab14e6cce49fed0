import { escapeHtml, htmlList, htmlPage, htmlTable } from '../html-page.js';
import type { Statistics } from './collect.js';
import { barsOf, gonePlot, legsPlot } from './plots.js';
import { type About, notesOf } from './report-words.js';
import { GONE, heading, inWords, type Section } from './sections.js';

/**
 * The report as a page with plots.
 * @param about for the public, its statistics as rounded as the sections
 */
export function reportHtml(sections: readonly Section[], about: About): string {
  const { statistics, isPublic } = about;
  const { nations, from, to, until } = statistics;
  const { rules, notShown, faults } = notesOf(about);
  const title = `Referrals of ${nations.join(', ')}, from ${from ?? 'the beginning'} to ${to ?? 'the end'}`;
  const paragraphs = [...rules, ...faults, `What became of it until ${until ?? 'then'}.`];
  const small = isPublic
    ? ''
    : '<p><strong>Not for the public:</strong> small numbers are shown as they are.</p>';
  const words = paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`).join('');
  const parts = sections.map((section) => {
    const plot = PLOTS[section.title]?.(statistics) ?? barsOf(section);
    const rows = section.rows.map(({ values, count }) => [
      ...values.map((value, i) => inWords(section.columns[i] ?? '', value)),
      String(count),
    ]);
    return `<h2>${escapeHtml(section.title)}: ${section.sum}</h2>${plot}${htmlTable([...section.columns.map(heading), 'count'], rows)}`;
  });
  return htmlPage(
    title,
    `<h1>${escapeHtml(title)}</h1>${small}${words}${parts.join('\n')}<h2>Not shown</h2>${htmlList(notShown)}`,
  );
}

/** Where bars of the counts would not say what the section is about. */
const PLOTS: Readonly<Record<string, (statistics: Statistics) => string>> = {
  'Time of each leg': legsPlot,
  [GONE]: gonePlot,
};
