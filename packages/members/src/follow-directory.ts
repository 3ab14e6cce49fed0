import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Anchors } from './anchors.js';
import type { Directory } from './directory.js';
import { type Floor, type LoadedDirectory, loadDirectory } from './load-directory.js';

export interface DirectoryFollower {
  /** The last directory that could be believed. */
  readonly current: () => Directory;
  /** Looks for a new version; call it every second or so. A directory that cannot be believed is reported, not taken. */
  readonly refresh: () => Promise<void>;
}

/**
 * Follows a directory's folder, so that a revoked key or a suspended member stops working without a restart.
 * @throws DirectoryError if there is no directory to begin with
 */
export async function followDirectory(
  dir: string,
  anchors: Anchors,
  options: {
    readonly now: () => number;
    readonly floor?: Floor;
    readonly onChange?: (directory: Directory) => void | Promise<void>;
    readonly onFault?: (fault: Error) => void;
  },
): Promise<DirectoryFollower> {
  const load = async (previous?: Directory): Promise<LoadedDirectory> => {
    const loaded = await loadDirectory(dir, anchors, {
      nowMs: options.now(),
      ...(options.floor ? { floor: options.floor } : {}),
      ...(previous ? { previous } : {}),
    });
    for (const fault of loaded.faults) options.onFault?.(fault);
    return loaded;
  };
  let seen = await fingerprint(dir);
  let { directory } = await load();

  return {
    current: () => directory,
    refresh: async () => {
      const now = await fingerprint(dir);
      if (now === seen) return;
      seen = now;
      const next = await load(directory).catch((fault: Error) => {
        options.onFault?.(fault);
        return undefined;
      });
      if (!next || Buffer.from(next.directory.sha256).equals(directory.sha256)) return;
      directory = next.directory;
      await options.onChange?.(directory);
    },
  };
}

async function fingerprint(dir: string): Promise<string> {
  const names = (await readdir(dir).catch(() => [])).sort();
  const facts = names.map(async (name) => {
    const info = await stat(join(dir, name)).catch(() => undefined);
    return info ? `${name} ${info.size} ${info.mtimeMs} ${info.ino}` : '';
  });
  return (await Promise.all(facts)).join('\n');
}
