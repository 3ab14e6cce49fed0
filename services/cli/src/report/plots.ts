import { barChart, roomFor, valueBars } from '../bar-chart.js';
import { duration } from '../history/duration.js';
import type { Statistics } from './collect.js';
import type { Section } from './sections.js';

const MOST_BARS = 20;
const MOST_LEGS = 48;
const COUNT = '#36c';
const GONE = '#283';

/** The counts of a section as bars, the first ones. */
export function barsOf({ rows, title }: Section): string {
  const shown = rows.slice(0, MOST_BARS).map(({ values, count }) => ({
    label: values.filter((value) => typeof value === 'string' && value !== '').join(', '),
    value: count,
  }));
  const more = rows.length > MOST_BARS ? `, the first ${MOST_BARS} of ${rows.length}` : '';
  return barChart(`${title}${more}`, valueBars(shown, COUNT));
}

/** From the median to the longest twentieth of each leg, on an axis on which each step is ten times the last. */
export function legsPlot({ legs }: Statistics): string {
  const shown = legs.slice(0, MOST_LEGS);
  const most = Math.log10(Math.max(10, ...shown.map(({ median, p95 }) => p95 ?? median ?? 1)));
  const x = (ms: number) => (Math.log10(Math.max(1, ms)) / most) * roomFor(190);
  const bars = shown.map(({ leg, way, to, median, p95 }) => {
    const [from, until] = [x(median ?? 1), x(p95 ?? median ?? 1)];
    const words = duration(median) + (p95 === null ? '' : `; 95 % within ${duration(p95)}`);
    return { label: `${leg}, ${way}, ${to}`, from, width: Math.max(3, until - from), fill: COUNT, words };
  });
  return barChart('Time of each leg: from the median to what 95 % needed', bars);
}

/** Of the items that somebody asked to have removed: the share seen gone within so many days, by looking again. */
export function gonePlot({ outcomes }: Statistics): string {
  const bars = outcomes.gone
    .flatMap(({ category, within }) => within.map((share) => ({ category, ...share })))
    .filter(({ items }) => items > 0)
    .map(({ category, days, items, gone }) => ({
      label: `${category}, ${days} d`,
      width: (gone / items) * roomFor(70),
      fill: GONE,
      words: `${Math.round((gone / items) * 100)} %`,
    }));
  return barChart('Seen gone by looking again, at the least', bars);
}
