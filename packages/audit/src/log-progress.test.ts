import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { signCheckpoint } from './checkpoint.js';
import { withTempFolder, writeLog } from './fixture/log-on-disk.js';
import { entries, flipBit, ORIGIN, options, signer } from './fixture/log-under-test.js';
import { memoryTree } from './fixture/memory-tree.js';
import { folderFiles } from './log-files.js';
import { type LogProgress, restoreRows, rootOfProgress } from './log-progress.js';
import { verifyLog } from './verify-log.js';

/** A verification that is stopped after some bundles, as text, and what a second run finds from there. */
async function inTwoRuns(dir: string, bundles: number) {
  let saved = '';
  const seen: number[] = [];
  const stop = new Error('stopped');
  const first = verifyLog(dir, {
    ...options,
    onEntry: (index) => void seen.push(index),
    onBundle: (done, _size, save) => {
      if (done !== bundles * 256) return;
      saved = JSON.stringify(save());
      throw stop;
    },
  });
  await expect(first).rejects.toBe(stop);
  const from = JSON.parse(saved) as LogProgress;
  const report = await verifyLog(dir, { ...options, from, onEntry: (index) => void seen.push(index) });
  return { report, seen, from };
}

describe('a verification that was stopped', () => {
  test('goes on where it stood, and finds what one run finds', async () => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries, signer, [600]);
      for (const file of ['tile/entries/000', 'tile/entries/002.p/88']) flipBit(join(dir, file), 100);
      const whole = await verifyLog(dir, options);
      expect(whole.faults.length).toBe(2);
      for (const bundles of [1, 2]) {
        const { report, seen } = await inTwoRuns(dir, bundles);
        expect(report).toEqual(whole);
        expect(seen).toEqual(entries.map((_, i) => i));
      }
    });
  });

  test('at the end of a whole tile of tiles, where the levels begin anew', () => {
    const root = memoryTree(entries).root.toString('hex');
    const rows = [
      { index: 256, entries: '' },
      { index: 1, entries: '' },
      { index: 0, entries: root },
    ];
    const progress = { done: 65_536, rows, suspects: [], faults: [] };
    expect(Buffer.from(rootOfProgress(progress)).toString('hex')).toBe(root);
    expect(() => restoreRows({ ...progress, rows: rows.slice(0, 2) })).toThrow(RangeError);
  });

  test('does not go on from what none has left', async () => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries, signer, [600]);
      const { from } = await inTwoRuns(dir, 2);
      for (const broken of [
        { ...from, done: 511 },
        { ...from, done: 256 },
        { ...from, done: 2 ** 60 },
        { ...from, rows: [] },
        { ...from, rows: from.rows.map((row) => ({ ...row, entries: row.entries.slice(2) })) },
        { ...from, rows: from.rows.map((row) => ({ ...row, index: row.index + 1 })) },
      ])
        expect(() => restoreRows(broken)).toThrow(RangeError);
    });
  });
});

test('gives the root of every size that is asked for', async () => {
  await withTempFolder(async (dir) => {
    await writeLog(dir, entries, signer, [600]);
    const rootsAt = [1, 2, 255, 256, 257, 511, 512, 513, 600];
    const given = new Map<number, string>();
    const onRoot = (size: number, root: Uint8Array) =>
      void given.set(size, Buffer.from(root).toString('hex'));
    await verifyLog(dir, { ...options, rootsAt: [...rootsAt, 601], onRoot });
    const wanted = rootsAt.map((size) => [size, memoryTree(entries.slice(0, size)).root.toString('hex')]);
    expect([...given]).toEqual(wanted);
  });
});

test('a signed size over files that are not there comes to an end', async () => {
  await withTempFolder(async (dir) => {
    await writeLog(dir, entries, signer, [600]);
    const note = await signCheckpoint({ origin: ORIGIN, size: 2 ** 50, root: Buffer.alloc(32, 1) }, [signer]);
    const files = folderFiles(dir);
    const read: typeof files.read = async (path, most) =>
      path === 'checkpoint' ? Buffer.from(note) : await files.read(path, most);
    const { faults } = await verifyLog({ ...files, read }, options);
    expect(new Set(faults.map(({ code }) => code))).toContain('too-many-faults');
  });
});

test('a place that cannot be read ends the verification with its reason, and nothing else', async () => {
  await withTempFolder(async (dir) => {
    await writeLog(dir, entries, signer, [600]);
    const files = folderFiles(dir);
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const asked = new Set<boolean>();
    const read: typeof files.read = async (path, most) => {
      if (!path.startsWith('tile/')) return await files.read(path, most);
      asked.add(path.includes('entries'));
      throw new Error(path.includes('entries') ? 'nobody answers' : 'nobody answers here either');
    };
    await expect(verifyLog({ ...files, read }, options)).rejects.toThrow('nobody answers');
    // What is rejected and caught by nobody is told before the next turn of the loop.
    expect(asked.size).toBe(2);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});
