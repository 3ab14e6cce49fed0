import { PolicyError, type PolicyErrorCode } from './error.js';
import type { PackFile } from './read-files.js';
import { remembering } from './remember.js';

/** Nations share most tables and texts: what stands in them is in memory once. Each pack checks it for itself. */
const parsed = remembering((text): unknown => JSON.parse(text));

/** @throws PolicyError with that code where the file is no JSON */
export function parseOnce({ name, text }: Pick<PackFile, 'name' | 'text'>, code: PolicyErrorCode): unknown {
  try {
    return parsed(text);
  } catch (cause) {
    throw new PolicyError(code, `${name} is not JSON: ${(cause as Error).message}`, cause);
  }
}
