import { createHash } from 'node:crypto';
import { SCHEMAS } from '../gen/schemas.js';
import type { Category } from '../gen/vocabulary.js';

export { SCHEMAS };

/** The hash (32 bytes) of all that decides what content of a category may say: vocabulary, core and the category's own schema. */
export function schemaHash(category: Category): Uint8Array {
  const known = CURRENT.get(category);
  if (!known) throw new Error(`no schema for category ${category}`);
  return known;
}

/** Receivers take the current schema and the previous one; today there is no previous one. */
export function acceptedSchema(category: Category, sha256: Uint8Array): boolean {
  return Buffer.from(schemaHash(category)).equals(sha256);
}

const CURRENT = new Map<string, Uint8Array>(
  SCHEMAS.filter(({ schema }) => schema.$id.includes('/categories/')).map(({ schema, sha256 }) => [
    schema.$id.replace(/^.*\/categories\/(.*)\.json$/, '$1'),
    createHash('sha256')
      .update(`${sha256Of('vocabulary')}${sha256Of('core')}${sha256}`)
      .digest(),
  ]),
);

function sha256Of(name: string): string {
  return SCHEMAS.find(({ schema }) => schema.$id.endsWith(`/${name}.json`))?.sha256 ?? '';
}
