import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Commit, groupCommits } from './group-commits.js';
import { openDatabase, type SqlDatabase } from './open-database.js';

let dir: string;
let db: SqlDatabase;
let commit: Commit;
let transactions: number;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-commits-'));
  db = openDatabase(join(dir, 'x.sqlite'), ['CREATE TABLE t (n INTEGER PRIMARY KEY)']);
  transactions = 0;
  const transaction = <T>(work: () => T): T => {
    transactions += 1;
    return db.transaction(work);
  };
  const counting = { ...db, transaction };
  commit = groupCommits(counting);
});
afterEach(() => {
  db.close();
  rmSync(dir, { recursive: true });
});

const insert = (n: number) => () => db.prepare('INSERT INTO t VALUES (?)').run(n).changes;
const rows = () =>
  db
    .prepare('SELECT n FROM t ORDER BY n')
    .all()
    .map(({ n }) => n);

test('many writers share one transaction, and each gets its own answer', async () => {
  const answers = await Promise.all([1, 2, 3].map((n) => commit(() => insert(n)() + n)));
  expect(answers).toEqual([2, 3, 4]);
  expect(rows()).toEqual([1, 2, 3]);
  expect(transactions).toBe(1);
});

test('work that fails takes nobody with it, and leaves nothing of its own', async () => {
  const bad = commit(() => {
    insert(9)();
    throw new Error('no');
  });
  const good = [commit(insert(1)), commit(insert(2))];
  await expect(bad).rejects.toThrow('no');
  await Promise.all(good);
  expect(rows()).toEqual([1, 2]);
});

test('no transaction holds more than 256, and all come to their turn', async () => {
  await Promise.all(Array.from({ length: 600 }, (_, n) => commit(insert(n))));
  expect(rows()).toHaveLength(600);
  expect(transactions).toBe(3);
});

test('a transaction within a transaction is part of it', async () => {
  await commit(() => db.transaction(insert(1)));
  await expect(
    commit(() => {
      db.transaction(insert(2));
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(rows()).toEqual([1]);
});
