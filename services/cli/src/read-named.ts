import { readFileSync } from 'node:fs';
import { UsageError } from './usage.js';

/** A file that somebody has named. @throws UsageError that names it, and says whether it is missing, a folder, or cannot be read */
export function readNamed(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UsageError(`There is no file ${path}.`, { cause });
    if (code === 'EISDIR') throw new UsageError(`${path} is a folder, and a file is needed.`, { cause });
    throw new UsageError(`${path} cannot be read: ${message}`, { cause });
  }
}
