import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Anchors, type Directory, DirectoryError, openDirectoryBundle } from '@entente/members';

/** A directory, or in words why there is none. */
export type FindDirectory = (sha256: string, atMs: number) => Promise<Directory | string>;

/**
 * Finds directories by the hash that a record names. Each must hold under the anchors at the time of the first entry that
 * names it; the hash in the log names every byte.
 * @param sha256 hex
 */
export function directoryFinder(dirs: readonly string[], anchors: Anchors): FindDirectory {
  const known = new Map<string, Promise<Directory | string>>();
  return async (sha256, atMs) => {
    const found = known.get(sha256) ?? search(dirs, anchors, sha256, atMs);
    known.set(sha256, found);
    return await found;
  };
}

async function search(
  dirs: readonly string[],
  anchors: Anchors,
  sha256: string,
  atMs: number,
): Promise<Directory | string> {
  const problems: string[] = [];
  for (const path of dirs.map((dir) => join(dir, `${sha256}.directory`))) {
    try {
      const directory = await openDirectoryBundle(readFileSync(path), anchors, atMs);
      if (Buffer.from(directory.sha256).toString('hex') === sha256) return directory;
      problems.push(`${path} holds another directory than its name says`);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // Its name is of its hash, so that it is the file that the log names: whose word is asked for is the auditor's choice.
      if (code === 'list-not-trusted')
        problems.push(`${message}. Are these the trust anchors of its network?`);
      else if (code !== 'ENOENT')
        problems.push(error instanceof DirectoryError ? message : `${path}: ${message}`);
    }
  }
  const where = problems.length > 0 ? problems.join('; ') : `it is not in ${dirs.join(', ')}`;
  return `directory ${sha256.slice(0, 16)}… cannot be had: ${where}`;
}
