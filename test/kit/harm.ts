import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { chooseLog, type LogSource, type NetworkHome, paths } from '@entente/cli';
import { openDatabase, openForReading, type SqlDatabase } from '@entente/runtime';

/** A nation's log with its archive, as files in a new folder inside `scratch`: to do harm to. */
export function copyForHarm(
  { dir: home }: NetworkHome,
  nation: string,
  scratch: string,
): LogSource & { readonly archiveDir: string } {
  const dir = mkdtempSync(join(scratch, 'copy-'));
  const archiveDir = join(dir, 'archive');
  copyAtRest(paths.ledger(home, nation), join(dir, 'ledger'));
  cpSync(paths.archive(home, nation), archiveDir, { recursive: true });
  return { ...chooseLog({ home, nation }), dir: join(dir, 'ledger'), archive: [archiveDir], archiveDir };
}

/** Again, if its ledger has written meanwhile: who reads a log is an entry, and comes when it comes. */
function copyAtRest(from: string, to: string): void {
  for (let before = ''; before !== stateOf(from); ) {
    rmSync(to, { recursive: true, force: true });
    before = stateOf(from);
    cpSync(from, to, { recursive: true, filter: isWritten });
  }
}

/** What its ledger has finished: not a tile that it is about to rename. */
const isWritten = (path: string): boolean => !path.endsWith('.tmp');

/** Names, sizes and times of what a ledger writes; what its readers share is no writing. */
function stateOf(dir: string): string {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => isWritten(name) && !name.endsWith('-shm'))
    .map((name) => {
      const { size, mtimeMs } = statSync(join(dir, name), { throwIfNoEntry: false }) ?? {};
      return `${name} ${size} ${mtimeMs}`;
    })
    .sort()
    .join('\n');
}

/** Changes a log behind its ledger's back. */
export function harm({ dir }: Pick<LogSource, 'dir'>, statement: string): void {
  const database = openToHarm(join(dir, 'ledger.sqlite'));
  database.exec(statement);
  database.close();
}

/** A service's database as it is, whatever its schema. */
export function openToHarm(path: string): SqlDatabase {
  const known = openForReading(path, Number.MAX_SAFE_INTEGER);
  const schema = Number(known.prepare('PRAGMA user_version').get()?.user_version);
  known.close();
  return openDatabase(path, Array(schema).fill(''));
}
