import { SHAPES, TABLES, type Tables } from '../table-shapes.js';
import type { Literals } from './read-literals.js';

/**
 * One word for each class of words that no rule and no row of a table tells apart. A word that a rule names stands for
 * itself; two others are the same if every row lists both or neither.
 */
export function mergeWords(
  type: string,
  list: readonly string[],
  literals: Literals,
  tables: Tables,
): readonly string[] {
  const named = literals.words.get(type);
  const classes = new Map<string, string>();
  for (const word of list) {
    const key = named?.has(word) ? `named ${word}` : signatureOf(type, word, tables);
    if (!classes.has(key)) classes.set(key, word);
  }
  return [...classes.values()];
}

function signatureOf(type: string, word: string, tables: Tables): string {
  return TABLES.flatMap((table) => {
    const fields = Object.entries(SHAPES[table]).filter(
      ([, field]) => typeof field === 'object' && Object.values(field).includes(type),
    );
    // The table of roles has a row for each, so that a row's own name would tell all of them apart.
    const names = fields
      .map(([name]) => name)
      .filter((name) => !(table === 'roles' && type === 'Role' && name === 'role'));
    const rows: readonly object[] =
      table === 'roles' && type === 'Role' ? tables.roles.filter(({ role }) => role === word) : tables[table];
    if (table === 'roles' && type === 'Role')
      return rows.map((row) => JSON.stringify({ ...row, role: undefined }));
    return names.map((name) =>
      rows.map((row) => (holds((row as Record<string, unknown>)[name], word) ? 1 : 0)).join(''),
    );
  }).join('|');
}

function holds(value: unknown, word: string): boolean {
  return Array.isArray(value) ? value.includes(word) : value === word;
}
