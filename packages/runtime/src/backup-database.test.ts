import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { backupDatabase, callOriginal, isBackup } from './backup-database.js';
import { openDatabase, openForReading } from './open-database.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-backup-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const SCHEMA = ['CREATE TABLE one (text TEXT)'];
const count = (path: string) => {
  const copy = openForReading(path, 1);
  try {
    return Number(copy.prepare('SELECT count(*) AS rows FROM one').get()?.rows);
  } finally {
    copy.close();
  }
};

it('copies one moment of a database that is written meanwhile', () => {
  const [path, copy] = [join(dir, 'a.sqlite'), join(dir, 'copy.sqlite')];
  const database = openDatabase(path, SCHEMA);
  const insert = database.prepare('INSERT INTO one VALUES (?)');
  insert.run('committed');
  database.transaction(() => {
    insert.run('under way');
    backupDatabase(path, copy);
  });
  insert.run('later');
  database.close();
  expect(count(copy)).toBe(1);
  expect(count(path)).toBe(3);
  expect(statSync(copy).mode & 0o777).toBe(0o600);
  expect(existsSync(`${copy}.unfinished`)).toBe(false);
});

it('does not hold what was deleted before', () => {
  const [path, copy] = [join(dir, 'a.sqlite'), join(dir, 'copy.sqlite')];
  const database = openDatabase(path, SCHEMA);
  for (let i = 0; i < 500; i++) database.prepare('INSERT INTO one VALUES (?)').run(`secret ${i}`.repeat(20));
  database.exec('DELETE FROM one');
  backupDatabase(path, copy);
  database.close();
  expect(statSync(copy).size).toBeLessThan(16 * 1024);
});

it('overwrites nothing, and makes no database where there is none', () => {
  const [path, copy] = [join(dir, 'a.sqlite'), join(dir, 'copy.sqlite')];
  expect(() => backupDatabase(path, copy)).toThrow('there is no database');
  expect(existsSync(path)).toBe(false);
  openDatabase(path, SCHEMA).close();
  writeFileSync(copy, 'an older backup');
  expect(() => backupDatabase(path, copy)).toThrow('exists already');
});

it('says of itself that it is a copy, until somebody calls it an original', () => {
  const [path, copy] = [join(dir, 'a.sqlite'), join(dir, 'copy.sqlite')];
  openDatabase(path, SCHEMA).close();
  backupDatabase(path, copy);
  expect(readdirSync(dir).filter((name) => name.startsWith('copy'))).toEqual(['copy.sqlite']);
  const isCopy = (file: string, change: typeof callOriginal = () => undefined) => {
    const database = openDatabase(file, SCHEMA);
    change(database);
    const found = isBackup(database);
    database.close();
    return found;
  };
  expect([isCopy(path), isCopy(copy), isCopy(copy)]).toEqual([false, true, true]);
  expect([isCopy(copy, callOriginal), isCopy(copy)]).toEqual([false, false]);
});

it('begins again where an earlier one was cut off', () => {
  const [path, copy] = [join(dir, 'a.sqlite'), join(dir, 'copy.sqlite')];
  openDatabase(path, SCHEMA).close();
  writeFileSync(`${copy}.unfinished`, 'half');
  backupDatabase(path, copy);
  expect(count(copy)).toBe(0);
});
