import { BusError } from './error.js';
import type { Json } from './js-api.js';

/** The fields of `asked` that `running` has otherwise, or not at all: older servers drop what they do not know. */
export function differences(asked: Json, running: Json): string[] {
  return Object.keys(asked).filter((field) => plain(asked[field]) !== plain(running[field]));
}

/** @throws BusError `config-mismatch` naming the fields */
export function requireSame(what: string, asked: Json, running: Json, cause?: unknown): void {
  const fields = differences(asked, running);
  if (fields.length === 0) return;
  const list = fields.map((field) => `${field} is ${plain(running[field])}, not ${plain(asked[field])}`);
  throw new BusError('config-mismatch', `${what}: ${list.join('; ')}`, cause);
}

// The server leaves out what is false, empty or 0. The order of subjects means nothing.
function plain(value: unknown): string {
  if (value === undefined || value === false || value === 0 || value === '') return 'unset';
  return JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
}
