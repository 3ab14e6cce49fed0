import { withoutQuote } from '@entente/runtime';
import { readNamed } from './read-named.js';
import { UsageError } from './usage.js';

/** @throws UsageError that names the file, and says whether it is missing, is no JSON, or is no JSON object */
export function readJsonObject(path: string): Record<string, unknown> {
  const value = readJson(path);
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new UsageError(`${path} is not a JSON object.`);
}

/** @throws UsageError that names the file */
export function readJson(path: string): unknown {
  const text = readNamed(path).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${path} is not JSON: ${withoutQuote(cause)}`, { cause });
  }
}
