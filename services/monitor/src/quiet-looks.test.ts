import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTwoNations, type TwoNations } from './fixture/two-nations.js';
import { openStore } from './store.js';

const ORIGIN = 'entente.example/de/2026';
let two: TwoNations;
beforeEach(async () => {
  two = await openTwoNations();
});
afterEach(async () => await two.close());

/** Transactions in the journal, each of which was synced: the last page of each says how many pages there are then (SQLite, WAL format). */
function commits(): number {
  const wal = readFileSync(join(two.dir, 'm.sqlite-wal'));
  const frame = 24 + wal.readUInt32BE(8);
  let found = 0;
  for (let at = 32; at + frame <= wal.length; at += frame) if (wal.readUInt32BE(at + 4) !== 0) found += 1;
  return found;
}

test('a look at logs that are as they were writes nothing, and knows of now', async () => {
  two.crosses('first');
  two.leaves('second');
  await two.look();
  await two.look();
  const before = commits();
  for (let i = 0; i < 3; i++) {
    two.nowMs += 2000;
    await two.look();
  }
  expect(commits()).toBe(before);
  const { store } = two.bell;
  expect([store.seenOf(ORIGIN)[0]?.seenMs, store.crossings.readMs([ORIGIN])]).toEqual([two.nowMs, two.nowMs]);
});

test('a log that has grown is one transaction of what was seen, and one of what has crossed', async () => {
  two.crosses('first');
  await two.look();
  await two.look();
  const before = commits();
  two.leaves('second');
  two.nowMs += 2000;
  await two.look();
  expect(commits()).toBe(before + 2);
});

test('what was on time is neither kept nor taken away again', async () => {
  two.leaves('first');
  await two.look();
  const before = commits();
  two.arrives('first');
  await two.look();
  expect(commits()).toBe(before + 2);
});

test('after a start it is known up to when all was read as it changed last, and of now with the next look', async () => {
  two.crosses('first');
  await two.look();
  const changedMs = two.nowMs;
  two.nowMs += 2000;
  await two.look();
  const store = openStore(join(two.dir, 'm.sqlite'));
  expect([store.seenOf(ORIGIN)[0]?.seenMs, store.crossings.readMs([ORIGIN])]).toEqual([changedMs, changedMs]);
  two.bell = { ...two.bell, store };
  await two.look();
  expect([store.seenOf(ORIGIN)[0]?.seenMs, store.crossings.readMs([ORIGIN])]).toEqual([two.nowMs, two.nowMs]);
  store.close();
});
