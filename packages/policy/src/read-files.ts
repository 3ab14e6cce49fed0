import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PolicyError } from './error.js';
import { TABLES } from './table-shapes.js';

export interface PackFile {
  /** Relative to the packs' folder, with `/`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * The files that make up one nation's pack, in the order of their names: schema, base rules, the nation's rules, tables, texts.
 * A file that would be left out (a rule saved as `.ceder`) is an error: a rule that is not read forbids nothing.
 * @throws PolicyError `pack-missing`, `pack-untidy`
 */
export function readFiles(dir: string, nation: string): PackFile[] {
  if (!/^[A-Z]{2}$/.test(nation)) {
    throw new PolicyError('pack-missing', `"${nation}" is no nation: write two capital letters, like "DE"`);
  }
  const own = nation.toLowerCase();
  checkNation(dir, nation);
  const names = [
    'schema.cedarschema',
    ...list(dir, 'base', '.cedar'),
    ...list(dir, own, '.cedar'),
    ...list(dir, 'tables', '.json'),
    ...list(dir, 'texts', '.json'),
  ];
  checkTables(names);
  checkTop(dir);
  return names.sort().map((name) => read(dir, name));
}

function checkNation(dir: string, nation: string): void {
  const packs = entries(dir, '.').filter((name) => /^[a-z]{2}$/.test(name));
  if (packs.includes(nation.toLowerCase())) return;
  const known = packs.map((name) => name.toUpperCase()).sort();
  throw new PolicyError(
    'pack-missing',
    `there is no pack for ${nation}: ${dir} has no folder "${nation.toLowerCase()}"; there are ${known.join(', ') || 'none'}`,
  );
}

function list(dir: string, folder: string, ending: string): string[] {
  const found = entries(dir, folder);
  const stray = found.find((name) => !name.endsWith(ending));
  if (stray) {
    throw new PolicyError(
      'pack-untidy',
      `${folder}/${stray} would not be read: only *${ending} files belong into ${folder}/`,
    );
  }
  if (found.length === 0) {
    throw new PolicyError(
      'pack-missing',
      `${folder}/ has no file: a nation without rules of its own says so in a file with a comment`,
    );
  }
  return found.map((name) => `${folder}/${name}`);
}

function entries(dir: string, folder: string): string[] {
  try {
    return readdirSync(join(dir, folder));
  } catch (cause) {
    throw new PolicyError(
      'pack-missing',
      `${join(dir, folder)} cannot be read: a pack needs this folder`,
      cause,
    );
  }
}

/** @throws PolicyError `pack-missing`, `pack-untidy` */
export function checkTables(names: readonly string[]): void {
  const found = names.filter((name) => name.startsWith('tables/'));
  const wanted = TABLES.map((table) => `tables/${table}.json`);
  const missing = wanted.find((name) => !found.includes(name));
  if (missing)
    throw new PolicyError('pack-missing', `${missing} is missing: a table without rows is written as such`);
  const unknown = found.find((name) => !wanted.includes(name));
  if (unknown) throw new PolicyError('pack-untidy', `${unknown} is no table that any rule can ask`);
}

function checkTop(dir: string): void {
  const stray = readdirSync(dir).find((name) => name.endsWith('.cedar') || name.endsWith('.json'));
  if (stray)
    throw new PolicyError(
      'pack-untidy',
      `${stray} would not be read: move it into base/, tables/ or a nation's folder`,
    );
}

function read(dir: string, name: string): PackFile {
  const bytes = readBytes(dir, name);
  return { name, bytes, text: decodeText(name, bytes) };
}

/** @throws PolicyError `pack-untidy` */
export function decodeText(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PolicyError('pack-untidy', `${name} is not UTF-8: save it again`, cause);
  }
}

function readBytes(dir: string, name: string): Uint8Array {
  try {
    return readFileSync(join(dir, name));
  } catch (cause) {
    throw new PolicyError('pack-missing', `${join(dir, name)} cannot be read`, cause);
  }
}
