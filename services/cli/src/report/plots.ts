import { escapeHtml } from '../html-page.js';
import type { Statistics } from './collect.js';
import { duration, type Section } from './sections.js';

const WIDTH = 900;
const LABEL = 380;
const ROW = 24;
const MOST_BARS = 20;
const MOST_LEGS = 48;

/** The counts of a section as bars, the first ones. */
export function barsOf({ rows, title }: Section): string {
  const shown = rows.slice(0, MOST_BARS);
  const most = Math.max(...shown.map(({ count }) => count), 1);
  const bars = shown.map(({ values, count }, i) => {
    const label = values.filter((value) => typeof value === 'string' && value !== '').join(', ');
    const width = (count / most) * (WIDTH - LABEL - 70);
    return `${labelAt(i, label)}${rect(LABEL, i, width, '#36c')}${textAt(LABEL + width + 6, i, String(count))}`;
  });
  const more = rows.length > MOST_BARS ? `, the first ${MOST_BARS} of ${rows.length}` : '';
  return figure(`${title}${more}`, shown.length, bars);
}

/** From the median to the longest twentieth of each leg, on an axis on which each step is ten times the last. */
export function legsPlot({ legs }: Statistics): string {
  const shown = legs.slice(0, MOST_LEGS);
  const [low, high] = [0, Math.log10(Math.max(10, ...shown.map(({ median, p95 }) => p95 ?? median ?? 1)))];
  const x = (ms: number) =>
    LABEL + ((Math.log10(Math.max(1, ms)) - low) / (high - low)) * (WIDTH - LABEL - 190);
  const bars = shown.map(({ leg, way, to, median, p95 }, i) => {
    const [from, until] = [x(median ?? 1), x(p95 ?? median ?? 1)];
    const words = duration(median) + (p95 === null ? '' : `; 95 % within ${duration(p95)}`);
    return `${labelAt(i, `${leg}, ${way}, ${to}`)}${rect(from, i, Math.max(3, until - from), '#36c')}${textAt(until + 6, i, words)}`;
  });
  return figure('Time of each leg: from the median to what 95 % needed', shown.length, bars);
}

/** Of the items that somebody asked to have removed: the share seen gone within so many days, by looking again. */
export function gonePlot({ outcomes }: Statistics): string {
  const rows = outcomes.gone
    .flatMap(({ category, within }) => within.map((share) => ({ category, ...share })))
    .filter(({ items }) => items > 0)
    .map(({ category, days, items, gone }) => ({ label: `${category}, ${days} d`, share: gone / items }));
  const bars = rows.map(({ label, share }, i) => {
    const width = share * (WIDTH - LABEL - 70);
    return `${labelAt(i, label)}${rect(LABEL, i, width, '#283')}${textAt(LABEL + width + 6, i, `${Math.round(share * 100)} %`)}`;
  });
  return figure('Seen gone by looking again, at the least', rows.length, bars);
}

function figure(title: string, rows: number, bars: readonly string[]): string {
  if (rows === 0) return '';
  const height = rows * ROW + 8;
  return `<figure><figcaption>${escapeHtml(title)}</figcaption><svg role="img" aria-label="${escapeHtml(title)}" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">${bars.join('')}</svg></figure>`;
}

function labelAt(row: number, text: string): string {
  const short = text.length > 58 ? `${text.slice(0, 57)}…` : text;
  return `<text x="${LABEL - 8}" y="${row * ROW + 18}" text-anchor="end">${escapeHtml(short)}</text>`;
}

function textAt(x: number, row: number, text: string): string {
  return `<text x="${Math.round(x)}" y="${row * ROW + 18}">${escapeHtml(text)}</text>`;
}

function rect(x: number, row: number, width: number, fill: string): string {
  return `<rect x="${Math.round(x)}" y="${row * ROW + 5}" width="${Math.round(width)}" height="16" fill="${fill}"/>`;
}
