import { createHash } from 'node:crypto';
import { PREVIOUS_SCHEMAS, SCHEMAS, type SchemaFile } from '../gen/schemas.js';
import { createValidators, type Validators } from './ajv.js';

export type { SchemaFile };
export { SCHEMAS };

/** The schemas of one release: the hash of each that content can be sealed under, and what checks it. */
interface Release {
  readonly hashes: ReadonlyMap<string, Buffer>;
  readonly validators: Validators;
}

/**
 * Nations upgrade when they like: receivers take the schemas of this release and of the one before, and what says nothing new is sealed
 * under those of the one before, so that who has not upgraded yet can read it.
 */
export function createSchemas(files: readonly SchemaFile[], filesBefore: readonly SchemaFile[]) {
  const current = releaseOf(files);
  const previous = filesBefore.length === 0 ? undefined : releaseOf(filesBefore);
  const releases = previous ? [current, previous] : [current];
  const find = (name: string, sha256: Uint8Array) =>
    releases.find(({ hashes }) => hashes.get(name)?.equals(sha256));
  /** The hash (32 bytes) of all that decides what such content may say: vocabulary, core and the schema of this name itself. */
  const hashOf = (name: string): Uint8Array => {
    const known = current.hashes.get(name);
    if (!known) throw new Error(`no schema for ${name}`);
    return known;
  };
  const isKnown = (sha256: Uint8Array) =>
    releases.some(({ hashes }) => [...hashes.values()].some((one) => one.equals(sha256)));
  const isUnder = (release: Release, name: string, content: Uint8Array) =>
    release.hashes.has(name) && release.validators(name)(JSON.parse(Buffer.from(content).toString()));

  return {
    hashOf,
    accepts: (name: string, sha256: Uint8Array): boolean => find(name, sha256) !== undefined,
    /** @param content JSON that is valid under the current one */
    toSealUnder: (name: string, content: Uint8Array): Uint8Array => {
      const before = previous && isUnder(previous, name, content) ? previous.hashes.get(name) : undefined;
      return before ?? hashOf(name);
    },
    validatorOf: (name: string) => current.validators(name),
    /**
     * INVARIANT: what was sealed under the hash of a schema that is known here, of whatever name, is never taken unchecked.
     * @returns nothing for content of a release that this one does not know
     */
    validatorUnder: (name: string, sha256: Uint8Array) => {
      const release = find(name, sha256) ?? (isKnown(sha256) ? current : undefined);
      return release?.validators(name);
    },
  };
}

const schemas = createSchemas(SCHEMAS, PREVIOUS_SCHEMAS);
export const acceptedSchema = schemas.accepts;
export const compiledSchema = schemas.validatorOf;
export const compiledSchemaUnder = schemas.validatorUnder;
export const schemaToSealUnder = schemas.toSealUnder;

function releaseOf(files: readonly SchemaFile[]): Release {
  const sha256Of = (name: string) => files.find(({ schema }) => nameOf(schema) === name)?.sha256 ?? '';
  const common = `${sha256Of('vocabulary')}${sha256Of('core')}`;
  const hashes = files
    .map(({ schema, sha256 }) => [nameOf(schema), sha256] as const)
    .filter(([name]) => name.startsWith('categories/') || name === 'update')
    .map(([name, sha256]) => [name, createHash('sha256').update(`${common}${sha256}`).digest()] as const);
  return { hashes: new Map(hashes), validators: createValidators(files) };
}

function nameOf({ $id }: SchemaFile['schema']): string {
  return $id.replace(/^.*\/schemas\/(.*)\.json$/, '$1');
}
