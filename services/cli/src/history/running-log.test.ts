import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { copyLog } from './copy-log.js';
import { FILES_BEHIND_MS } from './files-behind.js';
import { type Made, ORIGIN, TestLog, vkeyOf } from './fixture/test-log.js';
import { readLog } from './read-log.js';

// A ledger at work: what it writes while somebody reads or copies its log must not look like something that is wrong with it.

const wait = vi.hoisted(() => ({ meanwhile: async (_ms: number): Promise<void> => undefined }));
vi.mock('node:timers/promises', async (original) => ({
  ...(await original<object>()),
  setTimeout: async (ms: number) => await wait.meanwhile(ms),
}));

let dir: string;
let log: TestLog;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-running-'));
  log = new TestLog(join(dir, 'log'));
  wait.meanwhile = async () => undefined;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const sourceOf = (at: string) => ({
  nation: 'DE',
  dir: at,
  vkey: vkeyOf(ORIGIN),
  archive: [],
  anchors: null,
});
const many = (count: number): Made[] => Array.from({ length: count }, () => ({}));
const faultsIn = async (at: string) => {
  const { size, erased, faults } = await readLog(sourceOf(at), () => undefined);
  return { size, erased, faults: faults.map(({ index, code }) => [index, code]) };
};

/** Records are gone at once; the files with the entry that says so come while somebody waits for them. */
function eraseBehind(...indices: number[]): void {
  for (const index of indices) log.gone.add(index);
  log.writeRecords();
  wait.meanwhile = async (ms) => {
    wait.meanwhile = async () => undefined;
    expect(ms).toBe(FILES_BEHIND_MS);
    await log.grow({ erases: indices });
  };
}

test('what was erased a moment ago is explained by files that come after the records are gone', async () => {
  await log.grow(...many(300));
  eraseBehind(3, 299);
  expect(await faultsIn(log.at)).toEqual({ size: 301, erased: 2, faults: [] });
});

test('what nobody explains is named, however long one waits', async () => {
  await log.grow(...many(300));
  log.gone.add(3);
  log.writeRecords();
  expect((await faultsIn(log.at)).faults).toEqual([[3, 'erased-without-entry']]);
});

describe('a copy that was made meanwhile', () => {
  const copy = 'copy';
  const copied = async (at: number, meanwhile: () => Promise<void>) => {
    const pending: Promise<void>[] = [];
    await copyLog(sourceOf(log.at), join(dir, copy), (done) => {
      if (done === at && pending.length === 0) pending.push(meanwhile());
    });
    await Promise.all(pending);
    return await faultsIn(join(dir, copy));
  };

  test('has the entries that say what was erased in it', async () => {
    await log.grow(...many(600));
    const gone = async () => {
      log.gone.add(300).add(301);
      await log.grow(...many(300), { erases: [300, 301] });
    };
    expect(await copied(256, gone)).toEqual({ size: 901, erased: 2, faults: [] });
  });

  test('also where the files come after the records are gone', async () => {
    await log.grow(...many(600));
    expect(await copied(256, async () => eraseBehind(300, 301))).toEqual({
      size: 601,
      erased: 2,
      faults: [],
    });
  });

  test('keeps nothing of what was erased after it was copied, which the entries copied last speak of', async () => {
    await log.grow(...many(600));
    log.gone.add(3);
    await log.grow({ erases: [3] });
    const gone = async () => {
      log.gone.add(4).add(300);
      await log.grow({ erases: [4, 300] });
    };
    expect(await copied(512, gone)).toEqual({ size: 602, erased: 3, faults: [] });
  });

  test('has no more than its checkpoint speaks of, where full files have taken the place of partial ones', async () => {
    await log.grow(...many(600));
    expect(await copied(0, async () => await log.grow(...many(400)))).toEqual({
      size: 600,
      erased: 0,
      faults: [],
    });
    // The same copy goes on.
    await copyLog(sourceOf(log.at), join(dir, copy));
    expect(await faultsIn(join(dir, copy))).toEqual({ size: 1000, erased: 0, faults: [] });
  });
});

test('a copy of a log that has signed more than it shows comes to an end', async () => {
  await log.grow(...many(300));
  await log.publish(2 ** 50, Buffer.alloc(32));
  await expect(copyLog(sourceOf(log.at), join(dir, 'copy'))).rejects.toThrow('more than 1000 bundles');
});

test('a copy of a log that hides records does not say that they were erased', async () => {
  await log.grow(...many(300));
  rmSync(join(log.at, 'records/000'));
  await copyLog(sourceOf(log.at), join(dir, 'copy'));
  const { erased, faults } = await faultsIn(join(dir, 'copy'));
  expect([erased, ...new Set(faults.map(([, code]) => code))]).toEqual([0, 'record-missing']);
});
