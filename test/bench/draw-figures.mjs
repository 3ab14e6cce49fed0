// What a run of the benches measured, as one page that needs nothing else: of each bench a table, and a plot of each of its figures.
import { barChart, escapeHtml, htmlPage, htmlTable, valueBars } from '@entente/cli';

const FILL = '#36c';

/**
 * @param figures.machine what it was measured on: words and numbers by name
 * @param figures.benches each with its rows: `what` it is, and its figures by name; or why it failed
 * @returns HTML
 */
export function drawFigures({ at, machine, benches }) {
  const title = `Measured on ${at.slice(0, 10)}`;
  return htmlPage(
    title,
    [
      `<h1>${escapeHtml(title)}</h1>`,
      htmlTable(
        ['machine', ''],
        Object.entries(machine).map(([name, value]) => [name, String(value)]),
      ),
      ...benches.map(drawBench),
    ].join('\n'),
  );
}

function drawBench({ bench, rows, failed }) {
  const names = namesIn(rows);
  const table = htmlTable(
    ['', ...names],
    rows.map((row) => [row.what, ...names.map((name) => String(row[name] ?? ''))]),
  );
  const why = failed === undefined ? '' : `<p>It failed: ${escapeHtml(failed)}</p>`;
  return `<h2>${escapeHtml(bench)}</h2>\n${why}${table}\n${names.map((name) => plot(name, rows)).join('\n')}`;
}

/** Of one figure, all rows that have it. */
function plot(name, rows) {
  const values = rows
    .filter((row) => Number.isFinite(row[name]))
    .map((row) => ({ label: row.what, value: row[name], words: row[name].toLocaleString('en') }));
  return barChart(name, valueBars(values, FILL));
}

/** In the order in which they come first. */
function namesIn(rows) {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== 'what');
}
