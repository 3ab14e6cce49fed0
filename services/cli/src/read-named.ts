import { readdirSync, readFileSync, statSync } from 'node:fs';
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

/**
 * Whether a file or folder is there. What this user may not look at is not said to be missing.
 * @throws UsageError that says what to do
 */
export function isThere(path: string): boolean {
  return looked(path, () => statSync(path, { throwIfNoEntry: false })) !== undefined;
}

/** The names in a folder that somebody has named. @throws UsageError that names it, and says whether it is missing, a file, or cannot be read */
export function namesIn(folder: string): readonly string[] {
  const stat = looked(folder, () => statSync(folder, { throwIfNoEntry: false }));
  if (!stat) throw new UsageError(`There is no folder ${folder}.`);
  if (!stat.isDirectory()) throw new UsageError(`${folder} is a file, and a folder is needed.`);
  return looked(folder, () => readdirSync(folder)) ?? [];
}

function looked<T>(path: string, look: () => T): T | undefined {
  try {
    return look();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return undefined;
    const words = code === 'EACCES' ? 'run the command as the user of the service whose it is' : message;
    throw new UsageError(`This user cannot look at ${path}: ${words}.`, { cause });
  }
}
