import { createHash } from 'node:crypto';
import { SCHEMAS } from '../gen/schemas.js';

export { SCHEMAS };

/** The hash (32 bytes) of all that decides what such content may say: vocabulary, core and the schema of this name itself. */
export function schemaHash(name: string): Uint8Array {
  const known = CURRENT.get(name);
  if (!known) throw new Error(`no schema for ${name}`);
  return known;
}

/** Receivers take the current schema and the previous one; today there is no previous one. */
export function acceptedSchema(name: string, sha256: Uint8Array): boolean {
  return Buffer.from(schemaHash(name)).equals(sha256);
}

const CURRENT = new Map<string, Uint8Array>(
  SCHEMAS.map(
    ({ schema, sha256 }) => [schema.$id.replace(/^.*\/schemas\/(.*)\.json$/, '$1'), sha256] as const,
  )
    .filter(([name]) => name.startsWith('categories/') || name === 'update')
    .map(([name, sha256]) => [
      name,
      createHash('sha256')
        .update(`${sha256Of('vocabulary')}${sha256Of('core')}${sha256}`)
        .digest(),
    ]),
);

function sha256Of(name: string): string {
  return SCHEMAS.find(({ schema }) => schema.$id.endsWith(`/${name}.json`))?.sha256 ?? '';
}
