import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeBundle } from './entry-bundle.js';
import { codeOfPromise } from './fixture/code-of.js';
import { withTempFolder, writeLog } from './fixture/log-on-disk.js';
import { entries, faultsAfter, flipBit, ORIGIN, options, SIZES, signer } from './fixture/log-under-test.js';
import { memoryTree } from './fixture/memory-tree.js';
import { testSigner } from './fixture/test-signer.js';
import { emptyRoot, leafHash } from './merkle.js';
import { verifyLog } from './verify-log.js';
import { writeTiles } from './write-tiles.js';

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
