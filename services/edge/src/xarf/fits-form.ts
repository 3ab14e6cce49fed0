import { SCHEMAS } from '@entente/contract';

interface Form {
  readonly maxLength: number;
  readonly pattern: RegExp;
  readonly not: RegExp | undefined;
}

/**
 * Whether a text may stand where our schemas have this form. The forms are read from the schemas themselves, so that the converter
 * never believes in an older limit than the validator: `line` is `core.json#/$defs/line`, `categories/fraud#/…` is a place in that file.
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
  const [file, pointer] = name.includes('#') ? name.split('#/') : ['core', `$defs/${name}`];
  const { maxLength, pattern, not } = resolve(file ?? '', pointer ?? '');
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

/** A form may build on another one of its file. */
function resolve(file: string, pointer: string): Readonly<Record<string, unknown>> {
  const root: unknown = SCHEMAS.find(({ schema }) => schema.$id.endsWith(`/schemas/${file}.json`))?.schema;
  const found = pointer
    .split('/')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], root) as
    | Readonly<Record<string, unknown>>
    | undefined;
  if (found === undefined) throw new Error(`no form at ${file}#/${pointer}`);
  if (typeof found.$ref !== 'string') return found;
  return { ...resolve(file, found.$ref.replace('#/', '')), ...found };
}
