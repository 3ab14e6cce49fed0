import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Anchors } from './anchors.js';
import type { Directory } from './directory.js';
import { type Floor, type LoadedDirectory, loadDirectory } from './load-directory.js';

export interface DirectoryFollower {
  /** The last directory that could be believed. */
  readonly current: () => Directory;
  /**
   * Looks for a new version; call it every second or so, and whenever one may be needed. Whatever lay there when this was called has been
   * looked at when it is over: who asks during a look, which may have passed by what it asks for, waits for the next one, with all others
   * who do. What cannot be believed is reported once, not taken, and looked at again each time: the permission that it lacked, or the day from which its
   * key is valid, changes nothing of a file.
   */
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
    return loaded;
  };
  let told = new Set<string>();
  const tell = (faults: readonly Error[]) => {
    for (const fault of faults) if (!told.has(String(fault))) options.onFault?.(fault);
    told = new Set(faults.map(String));
  };
  let seen = await fingerprint(dir);
  const first = await load();
  let { directory } = first;
  tell(first.faults);

  const look = async () => {
    const now = await fingerprint(dir);
    if (now === seen && told.size === 0) return;
    seen = now;
    const next = await load(directory).catch((fault: Error) => tell([fault]));
    if (next) tell(next.faults);
    if (!next || Buffer.from(next.directory.sha256).equals(directory.sha256)) return;
    directory = next.directory;
    await options.onChange?.(directory);
  };
  let looking: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const begin = async () => {
    next = undefined;
    looking = look().finally(() => {
      looking = undefined;
    });
    await looking;
  };

  return {
    current: () => directory,
    refresh: async () => {
      if (looking) next ??= looking.catch(() => undefined).then(begin);
      // The next one comes first also where the last is over and that one has not begun.
      await (next ?? begin());
    },
  };
}

async function fingerprint(dir: string): Promise<string> {
  const names = (await readdir(dir).catch(() => [])).sort();
  const facts = names.map(async (name) => {
    const info = await stat(join(dir, name)).catch(() => undefined);
    return info ? `${name} ${info.size} ${info.mtimeMs} ${info.ctimeMs} ${info.ino}` : '';
  });
  return (await Promise.all(facts)).join('\n');
}
