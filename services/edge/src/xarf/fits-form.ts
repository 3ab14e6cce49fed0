import { schemaAt } from '@entente/contract';

interface Form {
  readonly maxLength: number;
  readonly pattern: RegExp;
  readonly not: RegExp | undefined;
}

/**
 * Whether a text may stand where our schemas have this form. The forms are read from the schemas themselves, so that the converter
 * never believes in an older limit than the validator: `line` is `core.json#/$defs/line`, `categories/fraud.json#/…` is a place in that file.
 */
export function fitsForm(form: string, text: string): boolean {
  const { maxLength, pattern, not } = formAt(form);
  return isWithin(text, maxLength) && pattern.test(text) && !not?.test(text);
}

/** In characters, as JSON Schema counts them: code points. */
export function longestOf(form: string): number {
  return formAt(form).maxLength;
}

function isWithin(text: string, most: number): boolean {
  if (text.length <= most) return true;
  return text.length <= 2 * most && [...text].length <= most;
}

function formAt(name: string): Form {
  const known = forms.get(name);
  if (known) return known;
  const { maxLength, pattern, not } = keywordsAt(name.includes('#') ? name : `core.json#/$defs/${name}`);
  if (typeof maxLength !== 'number' || typeof pattern !== 'string') throw new Error(`no form at ${name}`);
  const forbidden = (not as { pattern?: string } | undefined)?.pattern;
  const form = {
    maxLength,
    pattern: new RegExp(pattern, 'u'),
    not: forbidden === undefined ? undefined : new RegExp(forbidden, 'u'),
  };
  forms.set(name, form);
  return form;
}

const forms = new Map<string, Form>();

/** A form may build on another one. */
function keywordsAt(ref: string, from?: string): Readonly<Record<string, unknown>> {
  const { schema, id } = schemaAt(ref, from);
  return schema.$ref === undefined ? schema : { ...keywordsAt(schema.$ref, id), ...schema };
}
