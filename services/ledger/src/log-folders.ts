import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Signoff } from '@entente/contract';
import { writeWhole } from '@entente/runtime';

/** One log of this ledger, and how it came after another. */
export interface LogFolder {
  readonly origin: string;
  readonly dir: string;
  /** Empty: it is the first. */
  readonly predecessor: string;
  /** Of its predecessor: why it ended, and its last checkpoint, signed. */
  readonly reason: string;
  readonly checkpoint: string;
  readonly vkey: string;
  /** Signs its checkpoints, if it is another one than KEY_FILE. */
  readonly keyFile: string | null;
  /** Who wanted that its predecessor ends, and who agreed. */
  readonly signoff: Signoff;
}

const ABOUT = 'origin.json';

/** The first log lies in the data folder itself, each later one in a folder of its name. */
export function folderOf(dataDir: string, origin: string): string {
  return join(dataDir, 'origins', nameOf(origin));
}

/** Where the last checkpoint and the counts of a log stay when it is deleted. */
export function remainsOf(dataDir: string, origin: string): string {
  return join(dataDir, 'ended', nameOf(origin));
}

/** An origin has no `_`, so that no two have one name, and none is a path. */
function nameOf(origin: string): string {
  return origin.replaceAll('/', '_');
}

/** A file of a log, by the path that it has there. */
export interface LogPath {
  readonly origin: string;
  readonly dir: string;
  readonly path: string;
}

/**
 * Which file of which log a path on the server names: `checkpoint` of the first, `<origin>/checkpoint` of any. Of a deleted log
 * the last checkpoint is left. What is asked for is not believed: the caller looks at the path within the log.
 */
export function findTiles(dataDir: string, first: string, asked: string): LogPath {
  const [, origin = first, path = asked] = NAMED.exec(asked) ?? [];
  const log = origin === first ? dataDir : folderOf(dataDir, origin);
  const isDeleted =
    existsSync(join(remainsOf(dataDir, origin), 'checkpoint')) && !existsSync(join(log, 'log'));
  return { origin, dir: isDeleted ? remainsOf(dataDir, origin) : join(log, 'log'), path };
}

/** An origin as the settings allow it, and what follows it. */
const NAMED = /^([a-z0-9./-]{3,100})\/((?:checkpoint|tile\/|records\/|archive\/).*)$/;

/** A folder counts as a log from here on: what a crash leaves after this is found at the next start. */
export function makeFolder(folder: LogFolder): void {
  const { dir, ...about } = folder;
  writeWhole(join(dir, ABOUT), `${JSON.stringify(about, null, 2)}\n`, { folderMode: 0o700 });
}

/**
 * All logs of this ledger in the order in which they followed one another, but for those that were deleted.
 * @throws Error where two follow one log, or one follows a log that was never here
 */
export function listFolders(dataDir: string, first: string): LogFolder[] {
  const all = [firstFolder(dataDir, first), ...laterFolders(dataDir)];
  const chain: LogFolder[] = [];
  for (let next = one(all, ''); next; next = one(all, next.origin)) {
    chain.push(next);
    if (chain.length > all.length) throw new Error('the logs in DATA_DIR follow one another in a circle');
  }
  const lost = all.find((folder) => !chain.includes(folder));
  if (lost) throw new Error(`${lost.dir} follows ${lost.predecessor}, which is not in DATA_DIR`);
  return chain.filter(({ origin, dir }) => !isDeleted(dataDir, origin, dir));
}

/** INVARIANT: where the counts stay and the database is gone, the log was deleted: it is never begun again. */
function isDeleted(dataDir: string, origin: string, dir: string): boolean {
  return (
    existsSync(join(remainsOf(dataDir, origin), 'counts.json')) && !existsSync(join(dir, 'ledger.sqlite'))
  );
}

/** It is not said who wanted it. */
export const NOBODY: Signoff = { proposedBy: '', approvedBy: [] };

function one(all: readonly LogFolder[], predecessor: string): LogFolder | undefined {
  const [next, ...more] = all.filter((folder) => folder.predecessor === predecessor);
  if (more.length > 0) throw new Error(`two logs in DATA_DIR follow ${predecessor}`);
  return next;
}

function firstFolder(dataDir: string, origin: string): LogFolder {
  const none = { predecessor: '', reason: '', checkpoint: '', vkey: '', keyFile: null };
  return { origin, dir: dataDir, ...none, signoff: NOBODY };
}

/** A folder that a deletion has emptied is known from what stays. */
function laterFolders(dataDir: string): LogFolder[] {
  const origins = join(dataDir, 'origins');
  const ended = join(dataDir, 'ended');
  const names = new Set([origins, ended].flatMap((dir) => (existsSync(dir) ? readdirSync(dir) : [])));
  return [...names].flatMap((name) => {
    const path = [join(origins, name, ABOUT), join(ended, name, ABOUT)].find((file) => existsSync(file));
    if (!path) return [];
    const about = JSON.parse(readFileSync(path, 'utf8')) as Omit<LogFolder, 'dir'>;
    return about.predecessor === '' ? [] : [{ ...about, dir: join(origins, name) }];
  });
}
