import { readFileSync } from 'node:fs';
import { UsageError } from './usage.js';

/** @throws UsageError that names the file, and says whether it is missing, is no JSON, or is no JSON object */
export function readJsonObject(path: string): Record<string, unknown> {
  const value = parse(read(path), path);
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new UsageError(`${path} is not a JSON object.`);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UsageError(`There is no file ${path}.`, { cause });
    throw new UsageError(`${path} cannot be read: ${message}`, { cause });
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
