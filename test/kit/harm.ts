import { cpSync, mkdtempSync } from 'node:fs';
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
  cpSync(paths.ledger(home, nation), join(dir, 'ledger'), { recursive: true });
  cpSync(paths.archive(home, nation), archiveDir, { recursive: true });
  return { ...chooseLog({ home, nation }), dir: join(dir, 'ledger'), archive: [archiveDir], archiveDir };
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
