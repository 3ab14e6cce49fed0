import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isDiskFull, openDatabase, openForReading, type SqlDatabase } from './open-database.js';

const NOTES = 'CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT UNIQUE, bytes BLOB)';

let dir: string;
const opened: SqlDatabase[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-database-'));
});
afterEach(() => {
  for (const database of opened.splice(0)) database.close();
  rmSync(dir, { recursive: true, force: true });
});

const open = (migrations: readonly string[] = [NOTES], path = join(dir, 'test.sqlite')) => {
  const database = openDatabase(path, migrations);
  opened.push(database);
  return database;
};
const close = () => opened.pop()?.close();
const texts = (database: SqlDatabase) =>
  database
    .prepare('SELECT text FROM note ORDER BY id')
    .all()
    .map(({ text }) => text);
const pragma = (database: SqlDatabase, name: string) =>
  Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];

describe('migrations', () => {
  test('run once, in their order', () => {
    const insert = "INSERT INTO note (text) VALUES ('first')";
    open([NOTES, insert]);
    close();
    expect(texts(open([NOTES, insert]))).toEqual(['first']);
    close();
    const third = "INSERT INTO note (text) VALUES ('second')";
    const database = open([NOTES, insert, third]);
    expect(texts(database)).toEqual(['first', 'second']);
    expect(pragma(database, 'user_version')).toBe(3);
  });

  test('refuse a schema that is newer than this version knows, and change nothing', () => {
    open([NOTES, "INSERT INTO note (text) VALUES ('kept')"]);
    close();
    expect(() => open([NOTES])).toThrow(/schema 2/);
    expect(texts(open([NOTES, '']))).toEqual(['kept']);
  });

  test('that fail leave the database as it was, and run when they are mended', () => {
    open();
    close();
    const broken = "INSERT INTO note (text) VALUES ('half'); INSERT INTO absent VALUES (1)";
    expect(() => open([NOTES, broken])).toThrow();
    const database = open([NOTES, "INSERT INTO note (text) VALUES ('whole')"]);
    expect(texts(database)).toEqual(['whole']);
  });
});

describe('openDatabase', () => {
  test('syncs at every commit: WAL and FULL, with foreign keys and a wait for other writers', () => {
    const database = open();
    expect(pragma(database, 'journal_mode')).toBe('wal');
    expect(pragma(database, 'synchronous')).toBe(2);
    expect(pragma(database, 'foreign_keys')).toBe(1);
    expect(pragma(database, 'busy_timeout')).toBe(5000);
  });

  test('makes a folder that only its owner can enter', () => {
    open([NOTES], join(dir, 'deep', 'data', 'test.sqlite'));
    expect(statSync(join(dir, 'deep', 'data')).mode & 0o077).toBe(0);
  });

  test('shows what is committed to a second reader', () => {
    open().prepare('INSERT INTO note (text) VALUES (?)').run('a');
    expect(texts(open())).toEqual(['a']);
  });
});

describe('prepare', () => {
  test('takes a lone Buffer as the first parameter', () => {
    // Handed over bare, it would end this process.
    const database = open();
    const bytes = Buffer.from([0, 1, 2, 255]);
    expect(database.prepare('INSERT INTO note (bytes) VALUES (?)').run(bytes).changes).toBe(1);
    expect(database.prepare('SELECT id FROM note WHERE bytes = ?').get(bytes)?.id).toBe(1);
    expect(database.prepare('SELECT id FROM note WHERE bytes = ?').all(new Uint8Array(bytes))).toHaveLength(
      1,
    );
    expect(database.prepare('SELECT bytes FROM note').get()?.bytes).toEqual(bytes);
  });

  test('gives undefined and an empty list where there is no row', () => {
    const find = open().prepare('SELECT * FROM note WHERE id = ?');
    expect(find.get(1)).toBeUndefined();
    expect(find.all(1)).toEqual([]);
  });

  test.each(['its own', 'to read'])(
    'answers what is asked now, and not what was asked for all rows before: %s',
    (use) => {
      const own = open();
      for (const text of ['a', 'b']) own.prepare('INSERT INTO note (text) VALUES (?)').run(text);
      const database = use === 'to read' ? openForReading(join(dir, 'test.sqlite'), 1) : own;
      const find = database.prepare('SELECT text FROM note WHERE text = ?');
      for (const [all, one] of [
        ['a', 'b'],
        ['b', 'none'],
        ['none', 'a'],
      ] as const) {
        expect(find.all(all)).toEqual(all === 'none' ? [] : [{ text: all }]);
        expect(find.get(one)).toEqual(one === 'none' ? undefined : { text: one });
      }
      database.close();
    },
  );

  test('keeps times in milliseconds, null, and text with quotes, and adds no column', () => {
    const database = open(['CREATE TABLE t (a INTEGER, b TEXT, c BLOB)']);
    const values = [1_750_000_000_123, `it's"; DROP TABLE t`, null] as const;
    database.prepare('INSERT INTO t VALUES (?, ?, ?)').run(...values);
    const select = database.prepare('SELECT a, b, c FROM t');
    expect(select.get()).toEqual({ a: values[0], b: values[1], c: null });
    expect(select.all()).toEqual([select.get()]);
  });

  test('gives a blob as a Buffer, from one row and from many', () => {
    const database = open();
    const bytes = Buffer.from([0, 255, 1]);
    database.prepare('INSERT INTO note (text, bytes) VALUES (?, ?)').run('a', bytes);
    const select = database.prepare('SELECT bytes FROM note');
    expect([select.get(), ...select.all()]).toEqual([{ bytes }, { bytes }]);
    expect(select.all()[0]?.bytes).toBeInstanceOf(Buffer);
  });
});

describe('transaction', () => {
  test('keeps all and gives the result', () => {
    const database = open();
    const insert = database.prepare('INSERT INTO note (text) VALUES (?)');
    const result = database.transaction(() => {
      insert.run('a');
      insert.run('b');
      return 'done';
    });
    expect([result, texts(database)]).toEqual(['done', ['a', 'b']]);
  });

  test('keeps nothing of what throws, and works again afterwards', () => {
    const database = open();
    const insert = database.prepare('INSERT INTO note (text) VALUES (?)');
    const fault = new Error('fault');
    expect(() =>
      database.transaction(() => {
        insert.run('a');
        throw fault;
      }),
    ).toThrow(fault);
    expect(() =>
      database.transaction(() => {
        insert.run('a');
        insert.run('a');
      }),
    ).toThrow(/UNIQUE/);
    expect(texts(database)).toEqual([]);
    database.transaction(() => insert.run('b'));
    expect(texts(database)).toEqual(['b']);
  });
});

describe('to look at', () => {
  const path = () => join(dir, 'test.sqlite');

  test('reads what is there, while it is written, and changes nothing', () => {
    const database = open();
    database.prepare('INSERT INTO note (text, bytes) VALUES (?, ?)').run('one', Buffer.from('b'));
    const reader = openForReading(path(), 1);
    try {
      expect(reader.prepare('SELECT text, bytes FROM note').all()).toEqual([
        { text: 'one', bytes: Buffer.from('b') },
      ]);
      expect(() => reader.prepare("INSERT INTO note (text) VALUES ('two')").run()).toThrow(
        /readonly|query_only/,
      );
      database.prepare('INSERT INTO note (text) VALUES (?)').run('two');
      expect(reader.prepare('SELECT count(*) AS n FROM note').get()).toEqual({ n: 2 });
    } finally {
      reader.close();
    }
  });

  test('refuses a schema that it does not know, and makes no file', () => {
    open([NOTES, 'SELECT 1']);
    expect(() => openForReading(path(), 1)).toThrow('has schema 2');
    expect(() => openForReading(join(dir, 'none.sqlite'), 1)).toThrow('there is no database');
    expect(existsSync(join(dir, 'none.sqlite'))).toBe(false);
  });
});

describe('a database without room', () => {
  // What SQLite may use is limited, and a write beyond it fails as on a full disk.
  const limit = (database: SqlDatabase, pages: number) =>
    database.exec(`PRAGMA max_page_count = ${Number(pragma(database, 'page_count')) + pages}`);
  const write = (database: SqlDatabase, text: string) =>
    database.prepare('INSERT INTO note (text, bytes) VALUES (?, ?)').run(text, Buffer.alloc(100_000));

  test('says so, changes nothing, keeps what it had, and goes on when there is room', () => {
    const database = open();
    write(database, 'before');
    limit(database, 0);
    for (const attempt of [
      () => void write(database, 'alone'),
      () => database.transaction(() => void write(database, 'in a transaction')),
    ]) {
      let failure: unknown;
      try {
        attempt();
      } catch (error) {
        failure = error;
      }
      expect(isDiskFull(failure)).toBe(true);
    }
    expect(texts(database)).toEqual(['before']);
    limit(database, 1000);
    write(database, 'after');
    expect(texts(database)).toEqual(['before', 'after']);
  });

  test('has room again as soon as a write that is tried finds some, and loses nothing by that', () => {
    const database = open();
    limit(database, 0);
    expect(database.hasRoom()).toBe(true);
    expect(() => write(database, 'none')).toThrow();
    // A page that is there already can be written: this is no disk on which nothing can.
    expect([database.hasRoom(), pragma(database, 'user_version')]).toEqual([true, 1]);
    expect(isDiskFull(new Error('another'))).toBe(false);
  });
});

describe('text that is no UTF-8 in a database that is read', () => {
  test.each(['a text', 'a blob'])('is said to be malformed, and ends no process: %s', (column) => {
    const path = join(dir, 'damaged.sqlite');
    const database = openDatabase(path, [`CREATE TABLE note (${column}, n INTEGER)`]);
    database.exec("INSERT INTO note VALUES (CAST(x'61ff62' AS TEXT), 1), ('whole ✓', 2), (x'61ff62', 3)");
    database.close();
    const read = openForReading(path, 1);
    const one = read.prepare('SELECT a, n FROM note WHERE n = ?');
    expect(() => one.get(1)).toThrow('is malformed');
    expect(one.get(2)).toEqual({ a: 'whole ✓', n: 2 });
    expect(one.all(3)).toEqual([{ a: Buffer.from('61ff62', 'hex'), n: 3 }]);
    expect(read.prepare('SELECT n FROM note ORDER BY n DESC').all()).toEqual([{ n: 3 }, { n: 2 }, { n: 1 }]);
    read.close();
  });
});
