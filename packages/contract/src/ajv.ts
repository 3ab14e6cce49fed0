import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { SchemaFile } from '../gen/schemas.js';

/** The compiled schema with this name: `core`, `categories/csam`, `facts` …; or a part of one: `core#/properties/clocks`. */
export type Validators = (name: string) => ValidateFunction;

/**
 * Each is compiled when it is first asked for.
 * `allErrors` stays off: with it, hostile input could make the validator list a million faults.
 */
export function createValidators(files: readonly SchemaFile[]): Validators {
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    allErrors: false,
    ownProperties: true,
    // A test does that once; here it would cost each start of a process a tenth of a second.
    validateSchema: false,
  });
  addFormats.default(ajv);
  ajv.addKeyword({ keyword: 'x-data-class', schemaType: 'string' });
  for (const { schema } of files) ajv.addSchema(schema);
  const known = new Map<string, ValidateFunction>();
  return (name) => {
    const before = known.get(name);
    if (before) return before;
    const [file, part] = name.split('#');
    const pointer = part === undefined ? '' : `#${part}`;
    const validate = ajv.getSchema(`https://entente.example/schemas/${file}.json${pointer}`);
    if (!validate) throw new Error(`no schema named ${name}`);
    known.set(name, validate);
    return validate;
  };
}
