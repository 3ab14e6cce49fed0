import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { codeOfPromise } from './fixture/code-of.js';
import { listFiles, withTempFolder, writeLog } from './fixture/log-on-disk.js';
import { entries, faultsAfter, flipBit, ORIGIN, options, SIZES, signer } from './fixture/log-under-test.js';
import { memoryTree, numberedEntries } from './fixture/memory-tree.js';
import { verifyLog } from './verify-log.js';
import { writeTiles } from './write-tiles.js';

const BUNDLES = ['tile/entries/000', 'tile/entries/001', 'tile/entries/002.p/88'];
const TILES = ['tile/0/000', 'tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2'];
const LEFT_OVER = ['tile/0/002.p/8', 'tile/0/002.p/9', 'tile/entries/002.p/8', 'tile/entries/002.p/9'];

describe('verifyLog of an honest log', () => {
  test.each([0, 1, 2, 255, 256, 257, 512, 513, 600])('finds nothing wrong with %i entries', async (size) => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries.slice(0, size), signer);
      const { root } = memoryTree(entries.slice(0, size));
      expect(await verifyLog(dir, options)).toEqual({ origin: ORIGIN, size, root, faults: [] });
    });
  });

  test('finds nothing wrong with left-over partial files, nor with their absence', async () => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries, signer, SIZES);
      expect(listFiles(dir)).toEqual([...BUNDLES, ...TILES, ...LEFT_OVER, 'checkpoint'].sort());
    });
    expect(await faultsAfter(() => undefined)).toEqual([]);
    expect(await faultsAfter((dir) => LEFT_OVER.map((path) => rmSync(join(dir, path))))).toEqual([]);
  });

  test('finds nothing wrong with three levels of tiles', async () => {
    const many = Array.from({ length: 66_000 }, (_, i) => Buffer.from(String(i)));
    await withTempFolder(async (dir) => {
      await writeLog(dir, many, signer);
      expect(listFiles(dir)).toContain('tile/2/000.p/1');
      expect((await verifyLog(dir, options)).faults).toEqual([]);
      for (const path of ['tile/2/000.p/1', 'tile/1/000', 'tile/1/001.p/1', 'tile/0/256']) {
        flipBit(join(dir, path), 77);
        const { faults } = await verifyLog(dir, options);
        expect(faults).toMatchObject([{ code: 'tile-mismatch', path }]);
        flipBit(join(dir, path), 77);
      }
    });
  });

  test('passes each entry with its index, in order, and waits for the caller', async () => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries, signer);
      const passed: [number, Buffer][] = [];
      let busy = false;
      const onEntry = async (index: number, entry: Uint8Array) => {
        expect(busy).toBe(false);
        busy = true;
        await Promise.resolve();
        passed.push([index, Buffer.from(entry)]);
        busy = false;
      };
      await verifyLog(dir, { ...options, onEntry });
      expect(passed).toEqual([...entries.entries()]);
    });
  });

  test('takes a caller that answers at once, and ends with what it throws', async () => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries, signer);
      const seen: number[] = [];
      await verifyLog(dir, { ...options, onEntry: (index) => void seen.push(index) });
      expect(seen).toHaveLength(600);
      const stop = new Error('seen enough');
      const failing = verifyLog(dir, { ...options, onEntry: () => Promise.reject(stop) });
      await expect(failing).rejects.toBe(stop);
    });
  });
});

describe('verifyLog of a damaged log', () => {
  test.each([...BUNDLES, ...TILES, ...LEFT_OVER])(
    'names %s, and only it, if any bit of it is flipped',
    async (path) => {
      await withTempFolder(async (dir) => {
        await writeLog(dir, entries, signer, SIZES);
        const file = join(dir, path);
        const bits = readFileSync(file).length * 8;
        for (const bit of [0, 15, 16, 37, Math.floor(bits / 2), bits - 1]) {
          flipBit(file, bit);
          const { faults } = await verifyLog(dir, options);
          expect(faults.map((fault) => fault.path)).toEqual([path]);
          expect(faults[0]?.code).toMatch(/^(entry-mismatch|tile-mismatch|file-malformed)$/);
          flipBit(file, bit);
        }
        expect((await verifyLog(dir, options)).faults).toEqual([]);
      });
    },
  );

  test('opens no log of which any bit of the checkpoint is flipped', async () => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries.slice(0, 3), signer);
      const file = join(dir, 'checkpoint');
      for (let bit = 0; bit < readFileSync(file).length * 8; bit++) {
        flipBit(file, bit);
        expect(await codeOfPromise(verifyLog(dir, options))).toMatch(/^note-/);
        flipBit(file, bit);
      }
    });
  });

  test.each([...BUNDLES, ...TILES])('names %s, and only it, if it is missing', async (path) => {
    expect(await faultsAfter((dir) => rmSync(join(dir, path)))).toEqual([`file-missing ${path}`]);
  });

  test.each([...BUNDLES, ...TILES, ...LEFT_OVER])(
    'names %s, and only it, if it is cut or goes on',
    async (path) => {
      const cut = (bytes: number) => (dir: string) => truncateSync(join(dir, path), bytes);
      const grow = (dir: string) => writeFileSync(join(dir, path), Buffer.alloc(32), { flag: 'a' });
      for (const change of [cut(0), cut(1), cut(32), grow]) {
        expect(await faultsAfter(change)).toEqual([`file-malformed ${path}`]);
      }
    },
  );

  test.each([...BUNDLES, ...TILES])('names %s, and only it, if it is a link or a folder', async (path) => {
    const link = (dir: string) => {
      renameSync(join(dir, path), join(dir, 'elsewhere'));
      symlinkSync(join(dir, 'elsewhere'), join(dir, path));
    };
    const folder = (dir: string) => {
      rmSync(join(dir, path));
      mkdirSync(join(dir, path));
    };
    for (const change of [link, folder]) {
      expect(await faultsAfter(change)).toEqual([`file-malformed ${path}`]);
    }
  });

  test('does not wait for a pipe in place of a file', async () => {
    const pipe = (dir: string) => {
      rmSync(join(dir, 'tile/0/000'));
      execFileSync('mkfifo', [join(dir, 'tile/0/000')]);
    };
    expect(await faultsAfter(pipe)).toEqual(['file-malformed tile/0/000']);
  });

  test('reads no file that is larger than its kind can be', async () => {
    const huge = (path: string) => (dir: string) => truncateSync(join(dir, path), 3 * 2 ** 30);
    expect(await faultsAfter(huge('tile/0/000'))).toEqual(['file-malformed tile/0/000']);
    expect(await faultsAfter(huge('tile/entries/000'))).toEqual(['file-malformed tile/entries/000']);
    expect(await codeOfPromise(faultsAfter(huge('checkpoint')))).toBe('checkpoint-missing');
  });

  test('names both if a bundle and its tile are lost, and that the root cannot be had', async () => {
    const change = (dir: string) => {
      rmSync(join(dir, 'tile/0/001'));
      rmSync(join(dir, 'tile/entries/001'));
    };
    expect(await faultsAfter(change)).toEqual([
      'file-missing tile/0/001',
      'file-missing tile/entries/001',
      'root-mismatch checkpoint',
      'tile-mismatch tile/1/000.p/2',
    ]);
  });

  test('takes the full file if a partial one is gone, and says that it is beyond the checkpoint', async () => {
    const many = numberedEntries(768);
    const { readNode, readEntry } = memoryTree(many);
    const found = await faultsAfter((dir) => writeTiles(dir, 600, 768, readNode, readEntry), many, [600]);
    expect(found).toEqual(
      ['tile/0/002', 'tile/1/000.p/3', 'tile/entries/002'].map((path) => `beyond-checkpoint ${path}`),
    );
  });

  test('lists the first thousand faults, and says that there are more', async () => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, [], signer);
      mkdirSync(join(dir, 'tile'));
      for (let i = 0; i < 1001; i++) {
        writeFileSync(join(dir, 'tile', `stray ${i}`), '');
      }
      const { faults } = await verifyLog(dir, options);
      expect(faults).toHaveLength(1001);
      expect(faults.at(-1)?.code).toBe('too-many-faults');
      expect(new Set(faults.slice(0, -1).map(({ code }) => code))).toEqual(new Set(['unexpected-file']));
    });
  });
});

describe('a log that is being written', () => {
  const grown = async (change: (dir: string) => Promise<void>) => {
    const found: string[] = [];
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries.slice(0, 300), signer);
      const onEntry = async (index: number) => {
        if (index === 0) await change(dir);
      };
      const { faults, size } = await verifyLog(dir, { ...options, onEntry });
      found.push(String(size), ...faults.map(({ code, path }) => `${code} ${path}`));
    });
    return found;
  };

  test('is verified as it was when its checkpoint was read', async () => {
    expect(await grown((dir) => writeLog(dir, entries, signer))).toEqual(['300']);
  });

  test('and shows its tiles before the checkpoint that speaks of them', async () => {
    let published: Promise<void> | undefined;
    const found = await grown(async (dir) => {
      const old = readFileSync(join(dir, 'checkpoint'));
      await writeLog(dir, entries, signer);
      const newer = readFileSync(join(dir, 'checkpoint'));
      writeFileSync(join(dir, 'checkpoint'), old);
      published = delay(100).then(() => writeFileSync(join(dir, 'checkpoint'), newer));
    });
    await published;
    expect(found).toEqual(['300']);
  });

  test('is not believed where nothing newer is signed', async () => {
    const found = await grown(async (dir) => {
      const old = readFileSync(join(dir, 'checkpoint'));
      await writeLog(dir, entries, signer);
      writeFileSync(join(dir, 'checkpoint'), old);
    });
    expect(found).toContain('beyond-checkpoint tile/entries/002.p/88');
    const lost = await grown(async (dir) => {
      await writeLog(dir, entries, signer);
      rmSync(join(dir, 'checkpoint'));
    });
    expect(lost).toContain('beyond-checkpoint tile/entries/002.p/88');
  });
});
