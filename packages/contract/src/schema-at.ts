import { SCHEMAS } from './schemas.js';

/** A schema, or a part of one, and its address: what it refers to is meant from there. */
export interface PlacedSchema {
  readonly schema: { readonly $ref?: string; readonly [keyword: string]: unknown };
  readonly id: string;
}

const ROOT = 'https://entente.example/schemas/';

/**
 * What a `$ref` means: `core.json#/$defs/line`, `../vocabulary.json#/$defs/role`, or `#/$defs/id` in the file that says it.
 * @param from the address of the part that refers to it; without it, the folder of our schemas
 * @throws Error where nothing stands there
 */
export function schemaAt(ref: string, from: string = ROOT): PlacedSchema {
  const id = new URL(ref, from).href;
  const known = found.get(id);
  if (known) return known;
  const [file, pointer = ''] = id.split('#');
  const root: unknown = SCHEMAS.find(({ schema }) => schema.$id === file)?.schema;
  const schema = pointer
    .split('/')
    .slice(1)
    .reduce((at, key) => (at as Readonly<Record<string, unknown>> | undefined)?.[key], root);
  if (schema === undefined) throw new Error(`no schema at ${id}`);
  const placed = { schema: schema as PlacedSchema['schema'], id };
  found.set(id, placed);
  return placed;
}

const found = new Map<string, PlacedSchema>();
