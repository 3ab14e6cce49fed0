import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HOUR_MS, openTwoNations, type TwoNations } from './fixture/two-nations.js';
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

describe('after a start, with what a quiet look has not written', () => {
  const startAnew = () => {
    const store = openStore(join(two.dir, 'm.sqlite'));
    two.bell = { ...two.bell, store, startedMs: two.nowMs, silenceMs: HOUR_MS };
    return store;
  };
  beforeEach(async () => {
    two.crosses('first');
    two.leaves('second');
    await two.look();
    two.nowMs += 2000;
    await two.look();
  });

  test('a log that went back, or has another history, is an alarm', async () => {
    const store = startAnew();
    const [first] = two.de.entries;
    two.de.entries = first ? [first] : [];
    await two.look();
    expect(two.kinds()).toEqual(['rollback']);
    two.leaves('another');
    await two.look();
    expect(two.kinds()).toEqual(['rollback', 'fork']);
    store.close();
  });

  test('what does not arrive is an alarm when its time is over, and not before', async () => {
    const leftMs = two.nowMs - 2000;
    const store = startAnew();
    two.nowMs = leftMs + two.bell.relayMs - 1;
    await two.look();
    expect(two.kinds()).toEqual([]);
    two.nowMs += 1;
    await two.look();
    expect(two.kinds()).toEqual(['never-arrived']);
    store.close();
  });

  test('a log that nobody shows is an alarm when it was silent for long enough since then', async () => {
    const store = startAnew();
    for (const { server } of [two.de, two.fr]) {
      server.closeAllConnections();
      server.close();
    }
    two.nowMs += HOUR_MS - 1;
    await two.look();
    expect(two.kinds()).toEqual([]);
    two.nowMs += 1;
    await two.look();
    expect(two.kinds()).toEqual(['silent', 'silent']);
    store.close();
  });
});
