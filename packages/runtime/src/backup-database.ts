import { chmodSync, closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import type { SqlDatabase } from './open-database.js';
import { syncPath } from './write-whole.js';

/** "copy", as SQLite's application_id: it stands in the file itself, under whatever name and over whatever file that is laid. */
const COPY = 0x636f7079;

/**
 * Copies a database as it is at one moment, while the service that writes it goes on. The copy has its name only once it is whole,
 * checked and on disk, and only its owner can read it; what was erased before is not in it. It says
 * of itself that it is a copy: see `isBackup`.
 * @throws Error if there is no such database, something has that name already, or the copy is not whole
 */
export function backupDatabase(path: string, copy: string): void {
  if (!existsSync(path)) throw new Error(`there is no database ${path}`);
  if (existsSync(copy)) throw new Error(`${copy} exists already: a backup overwrites nothing`);
  const unfinished = `${copy}.unfinished`;
  rmSync(unfinished, { force: true });
  const source = new Database(path);
  try {
    source.exec('PRAGMA busy_timeout = 5000;');
    // Before there is anything in it: nobody else may read it while it is written.
    closeSync(openSync(unfinished, 'wx', 0o600));
    source.prepare('VACUUM INTO ?').run([unfinished]);
  } finally {
    source.close();
  }
  chmodSync(unfinished, 0o600);
  checkAndMark(unfinished);
  syncPath(unfinished);
  renameSync(unfinished, copy);
  syncPath(dirname(copy));
}

/** Whether this database was made by `backupDatabase`, and nobody has called it an original since. */
export function isBackup(database: SqlDatabase): boolean {
  return Number(database.prepare('PRAGMA application_id').get()?.application_id) === COPY;
}

/** From here on it is no backup any more. */
export function callOriginal(database: SqlDatabase): void {
  database.exec('PRAGMA application_id = 0');
}

function checkAndMark(path: string): void {
  const copy = new Database(path);
  try {
    const { integrity_check: found } = copy.prepare('PRAGMA integrity_check').get([]) as Record<
      string,
      unknown
    >;
    if (found !== 'ok') throw new Error(`the copy is not whole: ${String(found).slice(0, 200)}`);
    copy.exec(`PRAGMA application_id = ${COPY}`);
  } finally {
    copy.close();
  }
}
