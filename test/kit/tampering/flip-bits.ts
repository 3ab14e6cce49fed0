import { createHash } from 'node:crypto';
import { closeSync, cpSync, existsSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { checkTables, readLog } from '@entente/cli';
import { openForReading } from '@entente/runtime';
import type { BuiltSource } from '../../bench/build-log.mjs';
import type { Row } from './row.js';

/** Places where one bit is changed. */
export const FLIPS = { files: 140, database: 20, journal: 10 } as const;

/** One bit anywhere: how many places are tried, and all that may be found there. */
export const BIT_ROWS = {
  files: {
    change: `one bit of any file of the log (${FLIPS.files} places, each file at least once)`,
    finds: [
      ...(['entry-mismatch', 'tile-mismatch', 'file-malformed', 'root-mismatch'] as const),
      ...(['note-malformed', 'note-unsigned', 'note-signature-invalid', 'checkpoint-malformed'] as const),
      'checkpoints-malformed',
    ],
    by: '`entente log verify`; of earlier checkpoints `entente audit verify`',
  },
  database: {
    change: `one bit of the ledger's database, or of its journal (${FLIPS.database + FLIPS.journal} places), that anything reads`,
    finds: [
      'record-mismatch',
      'record-missing',
      'erased-without-entry',
      'database-malformed',
      'database-differs',
    ],
    by: '`entente audit verify`',
  },
} as const satisfies Readonly<Record<string, Row>>;

/** The same numbers each time. */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    // The low bits of such a generator repeat soon.
    return Math.floor((state / 2 ** 32) * below);
  };
}

export function bitsOf(path: string): number {
  return statSync(path).size * 8;
}

export function flipBit(path: string, bit: number): void {
  const file = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, bit >> 3);
  byte[0] = (byte[0] ?? 0) ^ (1 << (bit & 7));
  writeSync(file, byte, 0, 1, bit >> 3);
  closeSync(file);
}

export function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** What `entente audit verify` asks of a database, without the signatures of messages, of which no bit lies elsewhere. */
export async function findInDatabase(source: BuiltSource): Promise<string[]> {
  const path = join(source.dir, 'ledger.sqlite');
  try {
    const read = await readLog(source, () => undefined);
    const tables = await checkTables(path, source.vkey, read);
    return [...read.faults, ...tables].map(({ code }) => code);
  } catch (error) {
    // Of a newer version, as it says: nobody reads on, and it is named.
    if (/ledger\.sqlite has schema \d+, this version reads/.test((error as Error).message))
      return ['database-differs'];
    throw error;
  }
}

/** All that SQL can read of a database, as one hash. What two databases have different beside that, nothing reads. */
export function contentOf(path: string): string {
  const database = openForReading(path, Number.MAX_SAFE_INTEGER);
  const hash = createHash('sha256');
  const take = (sql: string) => {
    for (const row of database.prepare(sql).all())
      for (const value of Object.values(row))
        hash.update(value instanceof Uint8Array ? value : `${typeof value} ${value}\n`);
  };
  try {
    for (const pragma of ['user_version', 'application_id', 'encoding']) take(`PRAGMA ${pragma}`);
    take('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name');
    for (const { name } of database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all())
      if (!String(name).startsWith('sqlite_')) take(`SELECT * FROM "${name}" ORDER BY 1, 2`);
  } finally {
    database.close();
  }
  return hash.digest('hex');
}

/** Database and journal as a ledger that is killed leaves them. */
export function copyAsItIs(from: string, to: string): void {
  cpSync(join(from, 'log'), join(to, 'log'), { recursive: true });
  for (const name of ['ledger.sqlite', 'ledger.sqlite-wal'])
    if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name));
}
