import { styleText } from 'node:util';

export interface Output {
  readonly json?: boolean;
}

/** A line; or one that begins with a word in a colour, where that is shown. */
export type Line =
  | string
  | readonly [colour: 'green' | 'yellow' | 'cyan' | 'red', word: string, rest: string];

// INVARIANT: nothing else in this program writes to a terminal (a test looks). What it shows was written by others, who would have
// it say something else: each text becomes one line, in which nothing steers the screen.

/** One JSON object with `--json`, else the lines for a person. */
export function print({ json }: Output, value: unknown, lines: () => readonly Line[]): void {
  printLines(json ? [jsonText(value)] : lines());
}

export function printLines(lines: readonly Line[]): void {
  process.stdout.write(lines.map((line) => `${shown(line)}\n`).join(''));
}

/** For who reads it byte for byte, in a file or another program; a screen gets its lines. */
export function printExact(text: string): void {
  if (process.stdout.isTTY) printLines(text.replace(/\n$/, '').split('\n'));
  else process.stdout.write(text);
}

/** What is shown while something runs; never on stdout. */
export function progress(...lines: readonly string[]): void {
  process.stderr.write(lines.map((line) => `${printable(line)}\n`).join(''));
}

/** Why it could not be done. Some errors have several lines: each after the first is seen to be a part of what is said. */
export function complain(text: string): void {
  progress(...text.split('\n').map((line, i) => (i === 0 ? line : `  | ${line}`)));
}

/**
 * One line of text that leaves a screen as it is: no control character, nothing invisible, nothing that turns the direction of what
 * follows (UAX #9), no second line.
 */
function printable(text: string): string {
  return text.replaceAll(/\r?\n|[\u2028\u2029]/g, '⏎').replaceAll(STEERING, '\u{fffd}');
}

/** JSON of the same value, in which what would steer a screen is escaped as well. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replaceAll(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) =>
    Array.from(
      { length: sign.length },
      (_, i) => `\\u${sign.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

/** The same for a person. */
export function jsonLines(value: unknown): string[] {
  return jsonText(value, 2).split('\n');
}

const STEERING = /[\p{Cc}\p{Cf}\p{Cs}]/gu;

function shown(line: Line): string {
  if (typeof line === 'string') return printable(line);
  const [colour, word, rest] = line;
  const plain = printable(word);
  return `${process.stdout.isTTY ? styleText(colour, plain) : plain}${printable(rest)}`;
}

/** "1 entry", "2 entries". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (known, row) => row.map((cell, i) => Math.max(known[i] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  '),
  );
}
