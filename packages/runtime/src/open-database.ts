import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';

export type SqlValue = string | number | bigint | Uint8Array | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** What we use of libsql (the better-sqlite3 API). */
export interface Statement<Row extends SqlRow = SqlRow> {
  readonly run: (...values: SqlValue[]) => { readonly changes: number };
  readonly get: (...values: SqlValue[]) => Row | undefined;
  readonly all: (...values: SqlValue[]) => Row[];
}

export interface SqlDatabase {
  readonly prepare: <Row extends SqlRow = SqlRow>(sql: string) => Statement<Row>;
  readonly exec: (sql: string) => void;
  /** Runs in one transaction: all or nothing, on disk when it returns. Within another one it is a part of that. */
  readonly transaction: <T>(work: () => T) => T;
  /** False after a write that found no room, until one finds some: it is tried when this is asked. */
  readonly hasRoom: () => boolean;
  /**
   * Nothing that was erased stays in the journal. False while somebody reads an older state: nobody waits for them, what is written
   * would wait as well.
   */
  readonly emptyJournal: () => boolean;
  readonly close: () => void;
}

/**
 * SQLite that has what it acknowledged after a power cut: WAL with `synchronous=FULL` syncs at every commit.
 * One writer: a second process that writes waits for five seconds, then fails.
 * Text comes back only up to its first NUL: what may hold one is kept as bytes.
 *
 * @param migrations each runs once, in order; never change one that was shipped
 */
export function openDatabase(path: string, migrations: readonly string[]): SqlDatabase {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const raw = new Database(path);
  raw.exec(
    'PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;',
  );
  // 16 MB each: the tops of the trees stay in memory as a store grows, and the journal is not written back four times a second.
  raw.exec('PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 4000;');
  let isFull = false;
  const noting = <T>(write: () => T): T => {
    try {
      return write();
    } catch (error) {
      if (isDiskFull(error)) isFull = true;
      throw error;
    }
  };
  const transaction = <T>(work: () => T): T => {
    if (raw.inTransaction) return work();
    raw.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      raw.exec('COMMIT');
      return result;
    } catch (error) {
      if (raw.inTransaction) raw.exec('ROLLBACK');
      throw error;
    }
  };
  const database: SqlDatabase = {
    prepare: (sql) => {
      const { run, ...statement } = prepare(raw, sql);
      return { ...statement, run: (...values: SqlValue[]) => noting(() => run(...values)) } as never;
    },
    exec: (sql) => void raw.exec(sql),
    transaction: (work) => noting(() => transaction(work)),
    hasRoom: () => {
      if (!isFull) return true;
      try {
        // What is written is what is there: a page of it, like any other.
        transaction(() => raw.exec(`PRAGMA user_version = ${schemaOf(raw)}`));
        isFull = false;
      } catch (error) {
        if (!isDiskFull(error)) throw error;
      }
      return !isFull;
    },
    emptyJournal: () => {
      raw.exec('PRAGMA busy_timeout = 50');
      try {
        return Number(prepare(raw, 'PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy) === 0;
      } finally {
        raw.exec('PRAGMA busy_timeout = 5000');
      }
    },
    close: () => void raw.close(),
  };
  try {
    migrate(database, migrations);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** Whether a write failed because there is no room on the disk, or no more than is allowed. */
export function isDiskFull(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT';
}

/** Whether SQLite cannot read a file, or a page of it, as what it is said to be. */
export function isMalformed(error: unknown): error is Error {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  return (
    /^SQLITE_(CORRUPT|NOTADB|TOOBIG|IOERR_(SHORT_READ|CORRUPTFS)|ERROR$)/.test(String(code)) ||
    /malformed/.test(String(message))
  );
}

/**
 * Somebody else's database, to look at: nothing in it is changed, and a service that is writing it goes on.
 * @throws Error if there is no such file, or its schema is newer than `knownSchema`
 */
export function openForReading(path: string, knownSchema: number): Pick<SqlDatabase, 'prepare' | 'close'> {
  // libsql makes a file that is missing, whatever its options say.
  if (!existsSync(path)) throw new Error(`there is no database ${path}`);
  const raw = new Database(path);
  try {
    raw.exec('PRAGMA busy_timeout = 5000; PRAGMA query_only = ON;');
    const schema = schemaOf(raw);
    if (schema < 1 || schema > knownSchema)
      throw new Error(`${path} has schema ${schema}, this version reads 1 to ${knownSchema}`);
  } catch (error) {
    raw.close();
    throw error;
  }
  const isRows = /^\s*SELECT\b/i;
  return {
    prepare: (sql) => (isRows.test(sql) ? prepareChecked(raw, sql) : prepare(raw, sql)) as never,
    close: () => void raw.close(),
  };
}

/**
 * libsql ends the process over text that is no UTF-8, which a damaged page may hold, also in the place of bytes. So text comes as bytes, and is
 * checked here.
 * @param sql a SELECT
 */
function prepareChecked(raw: Database.Database, sql: string): Pick<Statement, 'get' | 'all'> {
  const names = raw
    .prepare(sql)
    .raw()
    .columns()
    .map(({ name }) => name);
  const columns = names.map((_, i) => `c${i}`);
  const read = columns.map(
    (c) => `iif(typeof(${c}) = 'text', CAST(${c} AS BLOB), ${c}), typeof(${c}) = 'text'`,
  );
  const statement = prepareTwice(raw, `WITH read (${columns}) AS (${sql}) SELECT ${read} FROM read`);
  const checked = (values: SqlValues) =>
    named(
      names,
      names.map((_, i) =>
        values[2 * i + 1] === 1 ? textIn(values[2 * i] as Uint8Array | ArrayBuffer) : (values[2 * i] ?? null),
      ),
    );
  return {
    get: (...values) => {
      const row = statement.forOne().get(values) as SqlValues | undefined;
      return row && checked(row);
    },
    all: (...values) => (statement.forAll().all(values) as SqlValues[]).map(checked),
  };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws Error that `isMalformed` knows */
function textIn(bytes: Uint8Array | ArrayBuffer): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new Error('the database is malformed: some of its text is no UTF-8', { cause });
  }
}

function schemaOf(raw: Database.Database): number {
  return Number(prepare(raw, 'PRAGMA user_version').get()?.user_version ?? 0);
}

/**
 * Values go as one list: libsql takes a lone Buffer for named parameters, and ends the process. Rows come as lists: libsql looks up
 * each name of a column anew for each row that it makes an object of.
 */
function prepare(raw: Database.Database, sql: string): Statement {
  const { forOne, forAll } = prepareTwice(raw, sql);
  const statement = forOne();
  const names = statement.reader ? statement.columns().map(({ name }) => name) : [];
  return {
    run: (...values) => statement.run(values),
    get: (...values) => {
      const row = statement.get(values) as SqlValues | undefined;
      return row && named(names, row);
    },
    all: (...values) => (forAll().all(values) as SqlValues[]).map((row) => named(names, row)),
  };
}

/**
 * Each when it is first used. The first `get` after an `all` of the same statement libsql answers with what that was asked for, or with nothing.
 */
function prepareTwice(raw: Database.Database, sql: string) {
  const prepared = (statement = raw.prepare(sql)) => (statement.reader ? statement.raw() : statement);
  let one: Database.Statement | undefined;
  let all: Database.Statement | undefined;
  return {
    forOne: () => {
      one ??= prepared();
      return one;
    },
    forAll: () => {
      all ??= prepared();
      return all;
    },
  };
}

type SqlValues = readonly (SqlValue | ArrayBuffer)[];

function named(names: readonly string[], values: SqlValues): SqlRow {
  const row: Record<string, SqlValue> = {};
  for (let i = 0; i < names.length; i++) {
    const value = values[i] as SqlValue | ArrayBuffer;
    row[names[i] as string] = value instanceof ArrayBuffer ? Buffer.from(value) : value;
  }
  return row;
}

function migrate(database: SqlDatabase, migrations: readonly string[]): void {
  const done = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
  if (done > migrations.length) {
    throw new Error(
      `the database has schema ${done}, this version knows ${migrations.length}. Start the newer version again.`,
    );
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < done) continue;
    database.transaction(() => {
      database.exec(sql);
      database.exec(`PRAGMA user_version = ${index + 1}`);
    });
  }
}
