/** What a validator reports: `ErrorObject` of Ajv, and what Fastify makes of it. */
export interface SchemaFault {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string | undefined;
}

export interface SayingOf {
  /** How the whole is called. */
  readonly root?: string;
  /** Who has written it may be told the name of an unknown field; nobody else. */
  readonly isToAuthor?: boolean;
}

/**
 * Says where and what, with the words that are allowed where there is a list; never repeats the value, which may be anyone's data. So
 * may be the name of an unknown field. Where a path leads, a schema knows.
 */
export function sayFault(
  { keyword, instancePath, params, message }: SchemaFault,
  { root = '', isToAuthor = false }: SayingOf = {},
): string {
  const where = `${root}${instancePath}` || '/';
  switch (keyword) {
    case 'unevaluatedProperties':
    case 'additionalProperties': {
      const name = String(params.unevaluatedProperty ?? params.additionalProperty).slice(0, 60);
      return `${where} has an unknown field${isToAuthor ? ` "${name}"` : ''}`;
    }
    case 'enum':
      return `${where} must be one of ${(params.allowedValues as readonly string[]).join(', ')}`;
    case 'required':
      return `${where} lacks "${String(params.missingProperty)}"`;
    case 'false schema':
      return `${where} has no place here`;
    default:
      return `${where} ${message ?? 'is not valid'}`;
  }
}
