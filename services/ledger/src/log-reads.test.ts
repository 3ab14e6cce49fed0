import { beforeEach, expect, test } from 'vitest';
import { createReadLog } from './log-reads.js';
import type { LogNotice } from './place-own.js';

const HOUR_MS = 3_600_000;
let nowMs: number;
let said: (readonly [bundles: number, first: number, last: number])[];
/** What the log does with the next entry, and all after it. */
let write: () => Promise<void>;
let reads: ReturnType<typeof createReadLog>;
beforeEach(() => {
  nowMs = 1_800_000_000_000;
  said = [];
  write = async () => undefined;
  const append = async ({ administration }: LogNotice) => {
    await write();
    const { bundles = 0, firstBundle = 0, lastBundle = 0 } = administration ?? {};
    said.push([bundles, firstBundle, lastBundle]);
  };
  reads = createReadLog({ now: () => nowMs, append });
});

/** A log that writes when it is told to, or fails then. */
function slowly() {
  const slow = { resolve: () => {}, reject: (_error: Error) => {} };
  const written = new Promise<void>((resolve, reject) => Object.assign(slow, { resolve, reject }));
  write = () => written;
  return slow;
}

test('the first read is on record at once, and those of the hour after it together', async () => {
  for (const bundle of [4, 7, 2, 5]) await reads.note('auditor.de', bundle);
  expect(said).toEqual([[1, 4, 4]]);
  nowMs += HOUR_MS - 1;
  await reads.flush();
  expect(said).toHaveLength(1);
  nowMs += 1;
  await reads.flush();
  expect(said.slice(1)).toEqual([[3, 2, 7]]);
  await reads.note('auditor.de', 1);
  expect(said.slice(2)).toEqual([[1, 1, 1]]);
});

test('nothing is handed out while the first read is not on record, also to who asks in that moment', async () => {
  const disk = slowly();
  let handedOut = 0;
  const asked = [1, 2].map((bundle) => reads.note('auditor.de', bundle).then(() => handedOut++));
  const answers = Promise.allSettled(asked);
  await new Promise(setImmediate);
  expect(handedOut).toBe(0);
  disk.reject(new Error('the disk is full'));
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  write = async () => undefined;
  await Promise.all([1, 2].map((bundle) => reads.note('auditor.de', bundle)));
  await reads.flush(true);
  expect(said).toEqual([
    [1, 1, 1],
    [1, 2, 2],
  ]);
});

test('what is read while an hour is put on record is counted, also where that fails', async () => {
  for (const bundle of [1, 2]) await reads.note('auditor.de', bundle);
  for (const isFull of [false, true]) {
    said = [];
    const disk = slowly();
    const flushed = reads.flush(true).catch(() => undefined);
    write = async () => undefined;
    await reads.note('auditor.de', 8);
    await reads.note('auditor.de', 9);
    if (isFull) disk.reject(new Error('the disk is full'));
    else disk.resolve();
    await flushed;
    await reads.flush(true);
    expect(said.reduce((all, [bundles]) => all + bundles, 0)).toBe(isFull ? 4 : 3);
    if (!isFull) for (const bundle of [1, 2, 3]) await reads.note('auditor.de', bundle);
  }
});

test('what was read in an hour is counted also where neither that nor the first read of the next is put on record', async () => {
  for (const bundle of [1, 2, 3]) await reads.note('auditor.de', bundle);
  said = [];
  const disk = slowly();
  const asked = [reads.flush(true), reads.note('auditor.de', 8)];
  const answers = Promise.allSettled(asked);
  disk.reject(new Error('the disk is full'));
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  write = async () => undefined;
  await reads.flush(true);
  expect(said).toEqual([[2, 2, 3]]);
});
