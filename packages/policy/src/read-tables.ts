import { isMemberId } from '@entente/contract';
import { PolicyError } from './error.js';
import { parseOnce } from './parse-once.js';
import type { PackFile } from './read-files.js';
import { type Field, SHAPES, TABLES, type Tables } from './table-shapes.js';

/** The closed lists of the pack's schema, by entity type; `Action` too. */
export type Words = ReadonlyMap<string, readonly string[]>;

/**
 * The tables, every row checked against its shape and the schema's closed lists: a misspelt word in a table would be
 * a competence or a standing that nobody has.
 * @throws PolicyError `table-invalid`
 */
export function readTables(files: readonly PackFile[], words: Words): Tables {
  const tables = TABLES.map((table) => {
    const name = `tables/${table}.json`;
    const file = files.find((candidate) => candidate.name === name);
    return [
      table,
      rowsOf(name, file?.text ?? '').map((row, index) =>
        checkRow(`${name}, row ${index + 1}`, row, SHAPES[table], words),
      ),
    ];
  });
  return Object.fromEntries(tables) as Tables;
}

function rowsOf(name: string, text: string): unknown[] {
  const table = parseOnce({ name, text }, 'table-invalid');
  if (!isRecord(table) || typeof table.title !== 'string' || !Array.isArray(table.rows)) {
    throw new PolicyError('table-invalid', `${name}: write {"title": "…", "rows": […]}`);
  }
  return table.rows;
}

function checkRow(where: string, row: unknown, shape: Readonly<Record<string, Field>>, words: Words): object {
  if (!isRecord(row)) throw new PolicyError('table-invalid', `${where} is not an object`);
  for (const [key, field] of Object.entries(shape)) {
    if (!fits(row[key], field, words)) {
      throw new PolicyError(
        'table-invalid',
        `${where}: "${key}" is ${JSON.stringify(row[key])}; ${wanted(field, words)}`,
      );
    }
  }
  const unknown = Object.keys(row).find((key) => !Object.hasOwn(shape, key) && key !== 'note');
  if (unknown) throw new PolicyError('table-invalid', `${where}: nobody reads "${unknown}"`);
  if (typeof row.from === 'string' && typeof row.to === 'string' && row.to < row.from) {
    throw new PolicyError('table-invalid', `${where} ends before it begins`);
  }
  return Object.freeze(row);
}

function fits(value: unknown, field: Field, words: Words): boolean {
  if (typeof field === 'object') {
    if ('maybe' in field && value === null) return true;
    const chosen = 'some' in field ? value : [value];
    const list = listOf(field, words);
    return Array.isArray(chosen) && chosen.every((word) => typeof word === 'string' && list.includes(word));
  }
  if (field === 'flag') return typeof value === 'boolean';
  if (field === 'minutes') return Number.isSafeInteger(value) && Number(value) > 0;
  if (field === 'nations')
    return Array.isArray(value) && value.every((nation) => fits(nation, 'nation', words));
  if (field === 'end' && value === null) return true;
  if (typeof value !== 'string') return false;
  if (field === 'day' || field === 'end') return isDay(value);
  if (field === 'nation') return /^[A-Z]{2}$/.test(value);
  if (field === 'member') return isMemberId(value);
  return value.trim() !== '';
}

function listOf(field: Exclude<Field, string>, words: Words): readonly string[] {
  if ('among' in field) return field.among;
  return words.get('one' in field ? field.one : 'maybe' in field ? field.maybe : field.some) ?? [];
}

function wanted(field: Field, words: Words): string {
  if (typeof field === 'object') {
    return `write ${'some' in field ? 'a list' : 'one'} of ${listOf(field, words).join(', ')}${'maybe' in field ? ', or null' : ''}`;
  }
  return {
    nation: 'write two capital letters',
    nations: 'write a list of nations, each two capital letters',
    member: 'write the id of a member, like "hotline.de"',
    minutes: 'write a whole number of minutes',
    day: 'write a day as YYYY-MM-DD',
    end: 'write the last day as YYYY-MM-DD, or null',
    text: 'write where this is from',
    flag: 'write true or false',
  }[field];
}

function isDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
