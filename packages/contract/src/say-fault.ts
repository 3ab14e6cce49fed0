/** What a validator reports: `ErrorObject` of Ajv, and what Fastify makes of it. */
export interface SchemaFault {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string | undefined;
}

/**
 * Says where and what, with the words that are allowed where there is a list; never repeats the value, which may be anyone's data.
 * @param root how the whole is called
 */
export function sayFault({ keyword, instancePath, params, message }: SchemaFault, root = ''): string {
  const where = `${root}${instancePath}` || '/';
  switch (keyword) {
    case 'unevaluatedProperties':
    case 'additionalProperties': {
      const name = String(params.unevaluatedProperty ?? params.additionalProperty).slice(0, 60);
      return `${where} has an unknown field "${name}"`;
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
