import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeBundle } from './entry-bundle.js';
import { codeOfPromise } from './fixture/code-of.js';
import { listFiles, withTempFolder, writeLog } from './fixture/log-on-disk.js';
import { memoryTree, numberedEntries } from './fixture/memory-tree.js';
import { testSigner } from './fixture/test-signer.js';
import { emptyRoot, leafHash } from './merkle.js';
import { verifyLog } from './verify-log.js';
import { writeTiles } from './write-tiles.js';

const ORIGIN = 'log.example/de/2026';
const signer = testSigner(ORIGIN);
// Two full tiles and a partial one, with partial files of earlier sizes beside it.
const entries = numberedEntries(600);
const SIZES = [520, 521, 600];
const options = { key: signer.key, origin: ORIGIN };

const BUNDLES = ['tile/entries/000', 'tile/entries/001', 'tile/entries/002.p/88'];
const TILES = ['tile/0/000', 'tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2'];
const LEFT_OVER = ['tile/0/002.p/8', 'tile/0/002.p/9', 'tile/entries/002.p/8', 'tile/entries/002.p/9'];

/** What is wrong with the log after the change, as "code path", sorted. */
async function faultsAfter(
  change: (dir: string) => unknown,
  log = entries,
  sizes = SIZES,
): Promise<string[]> {
  const found: string[] = [];
  await withTempFolder(async (dir) => {
    await writeLog(dir, log, signer, sizes);
    await change(dir);
    const { faults } = await verifyLog(dir, options);
    found.push(...faults.map(({ code, path }) => `${code} ${path}`));
  });
  return found.sort();
}

function flipBit(file: string, bit: number): void {
  const bytes = readFileSync(file);
  bytes.writeUInt8((bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
  writeFileSync(file, bytes);
}

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

describe('verifyLog of a forged log', () => {
  test('finds an entry that was removed, with all files made to fit but the checkpoint', async () => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries, signer);
      const checkpoint = readFileSync(join(dir, 'checkpoint'));
      rmSync(join(dir, 'tile'), { recursive: true });
      await writeLog(dir, entries.toSpliced(300, 1), signer);
      writeFileSync(join(dir, 'checkpoint'), checkpoint);
      const { faults } = await verifyLog(dir, options);
      expect(faults.map(({ code, path }) => `${code} ${path}`)).toEqual([
        'file-missing tile/entries/002.p/88',
        'file-missing tile/0/002.p/88',
        'root-mismatch checkpoint',
        'entry-mismatch tile/entries/002.p/87',
        'tile-mismatch tile/0/002.p/87',
      ]);
    });
  });

  test('finds an entry that was replaced, with all files made to fit but the checkpoint', async () => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries, signer);
      const checkpoint = readFileSync(join(dir, 'checkpoint'));
      await writeLog(dir, entries.with(300, Buffer.from('forged')), signer);
      writeFileSync(join(dir, 'checkpoint'), checkpoint);
      const { faults } = await verifyLog(dir, options);
      expect(faults.map(({ code, path }) => `${code} ${path}`)).toEqual(['root-mismatch checkpoint']);
    });
  });

  const bundleOf = (tile: number) => entries.slice(tile * 256, (tile + 1) * 256);
  const rewrite = (path: string, bundle: readonly Uint8Array[]) => (dir: string) =>
    writeFileSync(join(dir, path), encodeBundle(bundle));

  test('finds an entry that was removed from its bundle', async () => {
    const change = rewrite('tile/entries/001', bundleOf(1).toSpliced(44, 1));
    expect(await faultsAfter(change)).toEqual(['file-malformed tile/entries/001']);
  });

  test('finds two entries that were swapped within their bundle', async () => {
    const [a, b] = [bundleOf(1)[44] ?? Buffer.alloc(0), bundleOf(1)[45] ?? Buffer.alloc(0)];
    const change = rewrite('tile/entries/001', bundleOf(1).with(44, b).with(45, a));
    expect(await faultsAfter(change)).toEqual(['entry-mismatch tile/entries/001']);
  });

  test('finds an entry that was replaced in its bundle and in its tile', async () => {
    const forged = Buffer.from('forged');
    const change = (dir: string) => {
      rewrite('tile/entries/001', bundleOf(1).with(44, forged))(dir);
      const tile = readFileSync(join(dir, 'tile/0/001'));
      leafHash(forged).copy(tile, 44 * 32);
      writeFileSync(join(dir, 'tile/0/001'), tile);
    };
    expect(await faultsAfter(change)).toEqual(['root-mismatch checkpoint', 'tile-mismatch tile/1/000.p/2']);
  });

  test('finds two bundles that were exchanged', async () => {
    const change = (dir: string) => {
      rewrite('tile/entries/000', bundleOf(1))(dir);
      rewrite('tile/entries/001', bundleOf(0))(dir);
    };
    expect(await faultsAfter(change)).toEqual([
      'entry-mismatch tile/entries/000',
      'entry-mismatch tile/entries/001',
    ]);
  });

  test('names all that disagree if entries and tiles are both wrong', async () => {
    const change = (dir: string) => {
      flipBit(join(dir, 'tile/entries/000'), 99);
      flipBit(join(dir, 'tile/0/001'), 99);
    };
    const faults = await faultsAfter(change);
    expect(faults).toContain('root-mismatch checkpoint');
    expect(faults).toContain('entry-mismatch tile/entries/000');
    expect(faults).toContain('tile-mismatch tile/0/001');
  });

  test('finds an old checkpoint that was put back', async () => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries, signer, [520]);
      const old = readFileSync(join(dir, 'checkpoint'));
      await writeLog(dir, entries, signer, SIZES);
      writeFileSync(join(dir, 'checkpoint'), old);
      const { size, faults } = await verifyLog(dir, options);
      expect(size).toBe(520);
      expect(new Set(faults.map(({ code }) => code))).toEqual(new Set(['beyond-checkpoint']));
      expect(faults.map(({ path }) => path)).toContain('tile/entries/002.p/88');
    });
  });

  test('finds a newer checkpoint over the files of an older size', async () => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, entries, signer, [520]);
      await withTempFolder(async (newer) => {
        await writeLog(newer, entries, signer);
        cpSync(join(newer, 'checkpoint'), join(dir, 'checkpoint'));
      });
      const codes = (await verifyLog(dir, options)).faults.map(({ code, path }) => `${code} ${path}`);
      expect(codes).toContain('file-missing tile/entries/002.p/88');
      expect(codes).toContain('file-missing tile/0/002.p/88');
      expect(codes).toContain('root-mismatch checkpoint');
    });
  });

  test.each([
    ['unexpected-file', 'tile/notes.txt'],
    ['unexpected-file', 'tile/0/000.bak'],
    ['unexpected-file', 'tile/0/000.p/0'],
    ['unexpected-file', 'tile/0/x000/000'],
    ['unexpected-file', 'tile/64/000'],
    ['unexpected-file', 'tile/data/000'],
    ['beyond-checkpoint', 'tile/0/003'],
    ['beyond-checkpoint', 'tile/0/002'],
    ['beyond-checkpoint', 'tile/0/002.p/89'],
    ['beyond-checkpoint', 'tile/1/000'],
    ['beyond-checkpoint', 'tile/2/000.p/1'],
    ['beyond-checkpoint', 'tile/63/000.p/1'],
    ['beyond-checkpoint', 'tile/entries/x001/000'],
  ])('names with %s the stray file %s', async (code, path) => {
    const change = (dir: string) => {
      mkdirSync(join(dir, path, '..'), { recursive: true });
      writeFileSync(join(dir, path), 'stray');
    };
    expect(await faultsAfter(change)).toEqual([`${code} ${path}`]);
  });

  test('does not follow folders deeper than a log has them', async () => {
    const deep = `tile/${'x/'.repeat(20)}`;
    const change = (dir: string) => mkdirSync(join(dir, deep), { recursive: true });
    expect(await faultsAfter(change)).toEqual(['unexpected-file tile/x/x/x/x/x/x/x/x']);
  });

  test('finds a partial file of an earlier size that shows another tree', async () => {
    const forged = encodeBundle(entries.slice(512, 520).with(3, Buffer.from('forged')));
    const change = (dir: string) => writeFileSync(join(dir, 'tile/entries/002.p/8'), forged);
    expect(await faultsAfter(change)).toEqual(['entry-mismatch tile/entries/002.p/8']);
  });

  test('opens no log without a checkpoint, of another origin or of another key', async () => {
    await withTempFolder(async (dir) => {
      expect(await codeOfPromise(verifyLog(dir, options))).toBe('checkpoint-missing');
      expect(await codeOfPromise(verifyLog(join(dir, 'nowhere'), options))).toBe('checkpoint-missing');
      await writeLog(dir, entries, signer);
      const other = { ...options, origin: 'log.example/fr/2026' };
      expect(await codeOfPromise(verifyLog(dir, other))).toBe('checkpoint-wrong-origin');
      const stranger = { ...options, key: testSigner(ORIGIN).key };
      expect(await codeOfPromise(verifyLog(dir, stranger))).toBe('note-unsigned');
    });
  });

  test('finds entries in the folder of a log that claims to be empty', async () => {
    await withTempFolder(async (dir) => {
      await writeLog(dir, [], signer);
      expect(await verifyLog(dir, options)).toEqual({
        origin: ORIGIN,
        size: 0,
        root: emptyRoot(),
        faults: [],
      });
      const { readNode, readEntry } = memoryTree(entries.slice(0, 1));
      writeTiles(dir, 0, 1, readNode, readEntry);
      const { faults } = await verifyLog(dir, options);
      expect(faults.map(({ code }) => code)).toEqual(['beyond-checkpoint', 'beyond-checkpoint']);
    });
  });
});
