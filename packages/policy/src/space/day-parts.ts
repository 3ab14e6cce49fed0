import type { Pack } from '../pack.js';
import { type NationRow, TABLES, type Tables } from '../table-shapes.js';
import type { Literals } from './read-literals.js';

const MS_PER_DAY = 86_400_000;

/** The days on both sides of every change: between two of them nothing that a decision depends on changes. */
export function daysOf({ tables }: Pack, literals: Literals): readonly string[] {
  const days = new Set<string>();
  for (const row of TABLES.flatMap((table) => tables[table] as readonly object[])) {
    const { from, to } = row as { from?: string; to?: string | null };
    if (from) for (const day of [shift(from, -1), from]) days.add(day);
    if (to) for (const day of [to, shift(to, 1)]) days.add(day);
  }
  for (const day of literals.days) {
    for (const near of [-1, 0, 1]) days.add(shift(day.slice(0, 10), near));
  }
  return [...days].sort();
}

export function latestStart({ tables }: Pack): string {
  const rows = TABLES.flatMap((table) => tables[table] as readonly { readonly from?: string }[]);
  return rows
    .map(({ from }) => from ?? '')
    .sort()
    .at(-1) as string;
}

/**
 * What a day decides: which rows are in force, and on which side it is of each day that a rule names. Two days of which this is the
 * same have the same requests and the same verdicts, so that what is shown of one is shown of the other.
 */
export function inForceOn({ tables }: Pack, literals: Literals, day: string): string {
  const rows = TABLES.flatMap((table) => tables[table] as readonly { from?: string; to?: string | null }[]);
  const inForce = rows.map(({ from, to }) => (from ?? '') <= day && (!to || day <= to));
  const sides = [...literals.days].map((named) => Math.sign(Date.parse(day) - Date.parse(named)));
  return JSON.stringify([inForce.map(Number).join(''), sides]);
}

function shift(day: string, by: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + by * MS_PER_DAY).toISOString().slice(0, 10);
}

/** A nation that stands in no table and in no rule. */
const NOWHERE = 'XX';

/** One nation for each standing that any has on that day, without the pack's own. */
export function nationsOn(pack: Pack, literals: Literals, day: string): readonly string[] {
  const classes = new Map<string, string>();
  for (const nation of allNations(pack.tables, literals)) {
    if (nation === pack.nation) continue;
    const key = literals.strings.has(nation) ? `named ${nation}` : standingKey(pack.tables, nation, day);
    if (!classes.has(key)) classes.set(key, nation);
  }
  return [...classes.values()];
}

function allNations(tables: Tables, literals: Literals): readonly string[] {
  const listed = TABLES.flatMap((table) =>
    (tables[table] as readonly Partial<NationRow>[]).flatMap(({ nation }) => nation ?? []),
  );
  const clocked = tables.clocks.flatMap(({ nations }) => nations);
  const named = [...literals.strings].filter((text) => /^[A-Z]{2}$/.test(text));
  return [...new Set([...listed, ...clocked, ...named, NOWHERE])].sort();
}

function standingKey(tables: Tables, nation: string, day: string): string {
  const rows = TABLES.map((table) =>
    (tables[table] as readonly Partial<NationRow & { nations: readonly string[] }>[])
      .filter((row) => row.nation === nation || row.nations?.includes(nation))
      .filter(({ from, to }) => (from ?? '') <= day && (!to || day <= to))
      .map(({ nation: _, from: _from, to: _to, source, verified, note, ...says }) => says),
  );
  return JSON.stringify(rows);
}
