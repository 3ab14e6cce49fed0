import { SCHEMAS } from '@entente/contract';
import type { FastifySchema } from 'fastify';

/** The routes that take a submission, of which the edge itself checks the body. */
const TAKES_SUBMISSION: readonly string[] = ['/v1/referrals', '/v1/preview'];

/** For `/openapi.json`: the body as the edge checks it, field by field. */
export function describeBody<Schema extends FastifySchema>(schema: Schema, url: string): Schema {
  return TAKES_SUBMISSION.includes(url) ? { ...schema, body: SUBMISSION } : schema;
}

const { $schema: _, $id: __, $defs: ___, ...SUBMISSION } = withoutRefs(schemaOf('submission'), 'submission');

interface JsonSchema {
  readonly [keyword: string]: unknown;
}

function schemaOf(name: string): JsonSchema {
  const found = SCHEMAS.find(({ schema }) => schema.$id.endsWith(`/${name}.json`));
  if (!found) throw new Error(`no schema named ${name}`);
  return found.schema as unknown as JsonSchema;
}

/** What stands elsewhere is written where it is meant: `#/$defs/id`, `vocabulary.json#/$defs/role`. */
function withoutRefs(schema: JsonSchema, name: string): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (_key, value: unknown) => {
    const { $ref, ...own } = (value ?? {}) as { readonly $ref?: string };
    const [, file = name, def = ''] = $ref?.match(/^(?:(\w+)\.json)?#\/\$defs\/([\w-]+)$/) ?? [];
    if ($ref === undefined) return value;
    const { [def]: meant } = schemaOf(file).$defs as Readonly<Record<string, JsonSchema>>;
    return { ...meant, ...own };
  }) as JsonSchema;
}
