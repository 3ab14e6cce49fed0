import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { proveContinues, type ReadLogPath, readCheckpointOf, readEarlier } from './advance.js';
import { codeOfPromise } from './fixture/code-of.js';
import { withTempFolder, writeLog } from './fixture/log-on-disk.js';
import { ORIGIN, signer } from './fixture/log-under-test.js';
import { memoryTree } from './fixture/memory-tree.js';
import { verifyConsistency } from './verify-consistency.js';

const entries = Array.from({ length: 70_000 }, (_, i) => Buffer.from(`entry ${i}`));
const checkpointAt = (size: number, of = entries) => ({
  origin: ORIGIN,
  size,
  root: memoryTree(of.slice(0, size)).root,
});

/** A log's folder as somebody reads it over a network, counting. */
function reader(dir: string) {
  const state = { reads: 0 };
  const read: ReadLogPath = async (path, maxBytes) => {
    state.reads += 1;
    try {
      const bytes = readFileSync(join(dir, path));
      return bytes.length > maxBytes ? undefined : bytes;
    } catch {
      return undefined;
    }
  };
  return { state, read };
}

describe('that a log continues', () => {
  test.each([
    [600, [0, 1, 2, 3, 100, 255, 256, 257, 511, 512, 599, 600]],
    [70_000, [1, 255, 65_535, 65_536, 65_537, 69_999]],
  ])('is proved from its tiles, at %i entries', async (size, before) => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries.slice(0, size), signer);
      const after = checkpointAt(size);
      for (const old of before) {
        const { read, state } = reader(dir);
        await proveContinues(read, checkpointAt(old), after);
        expect(state.reads).toBeLessThanOrEqual(8);
      }
    });
  });

  test('is not proved of another history, a smaller log, or another root at the same size', async () => {
    const other = entries.with(3, Buffer.from('something else'));
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries.slice(0, 600), signer);
      const { read } = reader(dir);
      const codeWith = (old: ReturnType<typeof checkpointAt>, now: ReturnType<typeof checkpointAt>) =>
        codeOfPromise(proveContinues(read, old, now));
      expect(await codeWith(checkpointAt(300, other), checkpointAt(600))).toBe('consistency-invalid');
      expect(await codeWith(checkpointAt(256, other), checkpointAt(600))).toBe('consistency-invalid');
      expect(await codeWith(checkpointAt(600), checkpointAt(300))).toBe('consistency-invalid');
      expect(await codeWith(checkpointAt(600, other), checkpointAt(600))).toBe('consistency-invalid');
      expect(await codeWith(checkpointAt(3, other), checkpointAt(600))).toBeUndefined();
    });
  });

  test('is not contradicted by tiles that are not those of the checkpoint, which anybody may have changed', async () => {
    const other = entries.with(3, Buffer.from('something else'));
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries.slice(0, 600), signer);
      const { read } = reader(dir);
      for (const old of [256, 300]) {
        const code = await codeOfPromise(proveContinues(read, checkpointAt(old), checkpointAt(600, other)));
        expect(code).toBe('node-missing');
      }
    });
  });

  test('is not proved where a tile is missing, too short or changed', async () => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries.slice(0, 600), signer);
      const { read } = reader(dir);
      const prove = () => codeOfPromise(proveContinues(read, checkpointAt(300), checkpointAt(600)));
      const tile = join(dir, 'tile/0/001');
      const bytes = readFileSync(tile);
      writeFileSync(tile, Buffer.from(bytes).fill(7, 32 * 50, 32 * 51));
      expect(await prove()).toBe('node-missing');
      writeFileSync(tile, bytes.subarray(0, 100));
      expect(await prove()).toBe('node-missing');
      rmSync(tile);
      expect(await prove()).toBe('node-missing');
    });
  });
});

describe('what a log was before', () => {
  test('is read from its tiles, with the proof from then to now', async () => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries.slice(0, 600), signer);
      const now = checkpointAt(600);
      for (const size of [0, 1, 255, 256, 300, 512, 600]) {
        const { root, proof } = await readEarlier(reader(dir).read, size, now);
        expect(Buffer.from(root).equals(checkpointAt(size).root)).toBe(true);
        verifyConsistency({ oldSize: size, oldRoot: root, size: 600, root: now.root, proof });
      }
      expect(await codeOfPromise(readEarlier(reader(dir).read, 601, now))).toBe('out-of-range');
    });
  });

  test('is what it is now with as many entries, and nothing is read for that', async () => {
    const nothing = () => Promise.reject(new Error('a tile was asked for'));
    for (const size of [0, 300]) {
      const now = checkpointAt(size);
      expect(await readEarlier(nothing, size, now)).toEqual({ root: now.root, proof: [] });
    }
  });

  test('is not read from tiles of another log, or from none', async () => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries.slice(0, 600), signer);
      const other = checkpointAt(600, entries.with(3, Buffer.from('something else')));
      expect(await codeOfPromise(readEarlier(reader(dir).read, 300, other))).toBe('consistency-invalid');
      rmSync(join(dir, 'tile/0'), { recursive: true });
      expect(await codeOfPromise(readEarlier(reader(dir).read, 300, checkpointAt(600)))).toBe('node-missing');
    });
  });
});

test('a checkpoint is read with its signature and its origin, or not at all', async () => {
  await withTempFolder(async (dir) => {
    await writeLog(dir, entries.slice(0, 10), signer);
    const { read } = reader(dir);
    expect((await readCheckpointOf(read, signer.key, ORIGIN)).checkpoint).toEqual(checkpointAt(10));
    expect(await codeOfPromise(readCheckpointOf(read, signer.key, 'another.example'))).toBe(
      'checkpoint-wrong-origin',
    );
    rmSync(join(dir, 'checkpoint'));
    expect(await codeOfPromise(readCheckpointOf(read, signer.key, ORIGIN))).toBe('checkpoint-missing');
  });
});
