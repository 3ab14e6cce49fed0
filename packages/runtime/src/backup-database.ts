import { chmodSync, closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { syncPath } from './write-whole.js';

/**
 * Copies a database as it is at one moment, while the service that writes it goes on. The copy has its name only once it is whole,
 * checked and on disk, and only its owner can read it; what was erased before is not in it.
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
  check(unfinished);
  syncPath(unfinished);
  renameSync(unfinished, copy);
  syncPath(dirname(copy));
}

function check(path: string): void {
  const copy = new Database(path);
  try {
    const { integrity_check: found } = copy.prepare('PRAGMA integrity_check').get([]) as Record<
      string,
      unknown
    >;
    if (found !== 'ok') throw new Error(`the copy is not whole: ${String(found).slice(0, 200)}`);
  } finally {
    copy.close();
  }
}
