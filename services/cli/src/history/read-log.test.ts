import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEntryReader } from './entry-reader.js';
import { type Made, ORIGIN, TestLog, vkeyOf } from './fixture/test-log.js';
import type { LogSource } from './log-source.js';
import { readLog } from './read-log.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-read-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const source = (at = dir, origin = ORIGIN): LogSource => ({
  ...{ nation: 'DE', dir: at, vkey: vkeyOf(origin), archive: [], anchors: null },
});
const many = (count: number): Made[] => Array.from({ length: count }, () => ({}));
const read = async (visit = (_index: number): void | Promise<void> => undefined) => {
  const { faults, ...result } = await readLog(source(), ({ index }) => visit(index));
  return { ...result, faults: faults.map(({ index, code }) => [index, code]) };
};

describe('what is wrong with entries', () => {
  test('a time that goes back, an event that differs, a record that is none', async () => {
    const log = new TestLog(dir);
    await log.grow({ timeMs: 5 }, { timeMs: 4 }, { timeMs: 6 });
    expect((await read()).faults).toEqual([[1, 'time-goes-back']]);
  });

  test('a record that is gone needs a later entry that says so, and what is said must be so', async () => {
    const log = new TestLog(dir);
    log.gone.add(1).add(2).add(4);
    await log.grow({}, {}, {}, { erases: [1, 4] }, {}, { erases: [0] });
    expect(await read()).toMatchObject({
      erased: 3,
      reasons: [{ reason: 'order', reference: 'file 1', entries: 1 }],
      faults: [
        [0, 'not-erased'],
        [2, 'erased-without-entry'],
        // Entry 3 cannot know of it: it came later.
        [4, 'erased-without-entry'],
      ],
    });
  });
});

describe('a log that says of more than it has that it was erased', () => {
  const few = Array.from({ length: 20_000 }, (_, i) => 1_000_000 + 2 * i);

  test('is found, and what it says of its own entries behind that', async () => {
    await new TestLog(dir).grow({ erases: few }, { erases: [2] }, {}, { erases: [0] });
    expect((await read()).faults).toEqual([
      [null, 'not-erased'],
      [0, 'not-erased'],
    ]);
  });

  test('in the worst order, takes no time that grows with the square of it, and no memory', () => {
    const reads = { visit: () => undefined, fetch: () => undefined };
    const records = { load: () => undefined, row: () => undefined, close: () => undefined };
    const reader = createEntryReader('DE', { ...reads, records });
    const before = process.memoryUsage().heapUsed;
    for (let from = 2 ** 32 - 40_001; from > 2 ** 32 - 4e8; from -= 4e6)
      reader.explain({ ...SAID, indices: few.map((_, i) => from + 2 * i) });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024);
  });
});

const SAID = { reason: 'order', reference: 'file 1', proposedBy: '', approvedBy: [] };

describe('a log that another one has followed', () => {
  const NEXT = 'log.example/de/2027';
  const facts = async (one: LogSource) =>
    (await readLog(one, () => undefined)).faults.map(({ index, code }) => [index, code]);

  test('is missing what the other one says was erased, and nothing else', async () => {
    const [log, next] = [new TestLog(dir), new TestLog(join(dir, 'next'), NEXT)];
    log.gone.add(1).add(2);
    await log.grow({}, {}, {});
    await next.grow({}, { erases: [1], of: ORIGIN }, {});
    const others = [source(next.at, NEXT)];
    expect(await facts({ ...source(), others })).toEqual([[2, 'erased-without-entry']]);
    const { reasons } = await readLog({ ...source(), others }, () => undefined);
    expect(reasons).toEqual([{ reason: 'order', reference: 'file 1', entries: 1 }]);
    // Its word is about the other log: entry 1 of its own is still there, and may be.
    expect(await facts(source(next.at, NEXT))).toEqual([]);
  });
});

describe('a log that is written while it is read', () => {
  test('and erases what comes next: the entry that says so is read as well', async () => {
    const log = new TestLog(dir);
    await log.grow(...many(600));
    const { size, erased, faults } = await read(async (index) => {
      if (index !== 10) return;
      log.gone.add(300).add(301);
      await log.grow(...many(300), { erases: [300, 301] });
    });
    expect({ size, erased, faults }).toEqual({ size: 901, erased: 2, faults: [] });
  });

  test('and erases what was read before: it is looked at again', async () => {
    const log = new TestLog(dir);
    await log.grow(...many(600));
    const seen: number[] = [];
    const { size, faults } = await read(async (index) => {
      seen.push(index);
      if (index !== 10) return;
      log.gone.add(3).add(300);
      await log.grow({ erases: [3, 300] });
    });
    expect({ size, faults }).toEqual({ size: 601, faults: [] });
    expect(seen).toEqual(Array.from({ length: 601 }, (_, i) => i));
  });

  test('and hides something: it is found all the same', async () => {
    const log = new TestLog(dir);
    await log.grow(...many(600));
    const { faults } = await read(async (index) => {
      if (index !== 10) return;
      log.gone.add(300).add(301);
      await log.grow({ erases: [300] });
    });
    expect(faults).toEqual([[301, 'erased-without-entry']]);
  });
});
