import { schemaAt } from '@entente/contract';
import type { FastifySchema } from 'fastify';

/** The routes that take a submission, of which the edge itself checks the body. */
const TAKES_SUBMISSION: readonly string[] = ['/v1/referrals', '/v1/preview'];

/** For `/openapi.json`: the body as the edge checks it, field by field. */
export function describeBody<Schema extends FastifySchema>(schema: Schema, url: string): Schema {
  return TAKES_SUBMISSION.includes(url) ? { ...schema, body: SUBMISSION } : schema;
}

const { $schema: _, $id: __, $defs: ___, ...SUBMISSION } = withoutRefs('submission.json');

/** What stands elsewhere is written where it is meant: `#/$defs/id`, `vocabulary.json#/$defs/role`. */
function withoutRefs(ref: string, from?: string): Readonly<Record<string, unknown>> {
  const { schema, id } = schemaAt(ref, from);
  return JSON.parse(JSON.stringify(schema), (_key, value: unknown) => {
    const { $ref, ...own } = (value ?? {}) as { readonly $ref?: string };
    return $ref === undefined ? value : { ...withoutRefs($ref, id), ...own };
  });
}
