import { escapeHtml } from './html-page.js';

const WIDTH = 900;
const LABEL = 380;
const ROW = 24;
const MOST_LETTERS = 58;

/** What a bar may be wide, in pixels, with room for so many beside it. */
export const roomFor = (beside: number): number => WIDTH - LABEL - beside;

/** One row of a chart. */
export interface Bar {
  readonly label: string;
  /** Where it begins and how wide it is, in pixels from the labels on. */
  readonly from?: number;
  readonly width: number;
  readonly fill: string;
  /** Beside the bar. */
  readonly words: string;
}

/** A figure of HTML with bars beside their labels, in SVG, that needs nothing else; nothing where there is no bar. Every text is escaped. */
export function barChart(title: string, bars: readonly Bar[]): string {
  if (bars.length === 0) return '';
  const height = bars.length * ROW + 8;
  const name = escapeHtml(title);
  return `<figure><figcaption>${name}</figcaption><svg role="img" aria-label="${name}" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">${bars.map(draw).join('')}</svg></figure>`;
}

/** Each value beside the largest. */
export function valueBars(
  values: readonly { readonly label: string; readonly value: number; readonly words?: string }[],
  fill: string,
): Bar[] {
  const most = Math.max(...values.map(({ value }) => value), 0) || 1;
  return values.map(({ label, value, words = String(value) }) => ({
    ...{ label, words, fill },
    width: (Math.max(0, value) / most) * roomFor(70),
  }));
}

function draw({ label, from = 0, width, fill, words }: Bar, row: number): string {
  const short = label.length > MOST_LETTERS ? `${label.slice(0, MOST_LETTERS - 1)}…` : label;
  const x = LABEL + from;
  return `${textAt(LABEL - 8, row, short, ' text-anchor="end"')}<rect x="${Math.round(x)}" y="${row * ROW + 5}" width="${Math.round(width)}" height="16" fill="${fill}"/>${textAt(x + width + 6, row, words)}`;
}

function textAt(x: number, row: number, text: string, more = ''): string {
  return `<text x="${Math.round(x)}" y="${row * ROW + 18}"${more}>${escapeHtml(text)}</text>`;
}
