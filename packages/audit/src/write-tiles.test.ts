import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeBundle } from './entry-bundle.js';
import { codeOf } from './fixture/code-of.js';
import { listFiles, withTempFolder } from './fixture/log-on-disk.js';
import { memoryTree, numberedEntries } from './fixture/memory-tree.js';
import { merkleRoot } from './merkle.js';
import { publishCheckpoint, writeTiles } from './write-tiles.js';

const entries = numberedEntries(70_000);
const { readNode, readEntry, leafHashes, root } = memoryTree(entries);
const write = (dir: string, from: number, to: number) => writeTiles(dir, from, to, readNode, readEntry);

describe('writeTiles', () => {
  test('writes nothing for an empty log', () =>
    withTempFolder((dir) => {
      write(dir, 0, 0);
      expect(listFiles(dir)).toEqual([]);
    }));

  test('writes the files that C2SP tlog-tiles names for a log of 256 entries', () =>
    withTempFolder((dir) => {
      write(join(dir, 'not/there/yet'), 0, 256);
      expect(listFiles(join(dir, 'not/there/yet'))).toEqual([
        'tile/0/000',
        'tile/1/000.p/1',
        'tile/entries/000',
      ]);
    }));

  test('writes the tiles that C2SP tlog-tiles counts for a log of 70,000 entries', () =>
    withTempFolder((dir) => {
      write(dir, 0, 70_000);
      const files = listFiles(dir);
      expect(files.filter((path) => /^tile\/0\/[0-9]{3}$/.test(path))).toHaveLength(273);
      expect(files.filter((path) => /^tile\/entries\/[0-9]{3}$/.test(path))).toHaveLength(273);
      expect(files.filter((path) => path.startsWith('tile/0/') && path.includes('.p'))).toEqual([
        'tile/0/273.p/112',
      ]);
      expect(files.filter((path) => /^tile\/[1-9]/.test(path))).toEqual([
        'tile/1/000',
        'tile/1/001.p/17',
        'tile/2/000.p/1',
      ]);
      expect(files).toHaveLength(273 * 2 + 2 + 3);

      const [level1, level2] = ['tile/1/001.p/17', 'tile/2/000.p/1'].map((path) =>
        readFileSync(join(dir, path)),
      );
      const hashes = Array.from(
        { length: 17 },
        (_, i) => level1?.subarray(i * 32, (i + 1) * 32) ?? Buffer.alloc(0),
      );
      expect(level1).toHaveLength(17 * 32);
      expect(
        merkleRoot([
          level2 ?? Buffer.alloc(0),
          merkleRoot([...hashes, merkleRoot(leafHashes.slice(273 * 256))]),
        ]),
      ).toEqual(root);
    }));

  test('writes hashes and entries in order', () =>
    withTempFolder((dir) => {
      write(dir, 0, 300);
      expect(readFileSync(join(dir, 'tile/0/000'))).toEqual(Buffer.concat(leafHashes.slice(0, 256)));
      expect(readFileSync(join(dir, 'tile/0/001.p/44'))).toEqual(Buffer.concat(leafHashes.slice(256, 300)));
      expect(readFileSync(join(dir, 'tile/1/000.p/1'))).toEqual(merkleRoot(leafHashes.slice(0, 256)));
      expect(decodeBundle(readFileSync(join(dir, 'tile/entries/000')), 256)).toEqual(entries.slice(0, 256));
      expect(decodeBundle(readFileSync(join(dir, 'tile/entries/001.p/44')), 44)).toEqual(
        entries.slice(256, 300),
      );
    }));

  test('gives the same files in many steps as in one, but for partial ones of earlier sizes', () =>
    withTempFolder(async (whole) => {
      write(whole, 0, 1030);
      await withTempFolder((stepwise) => {
        let size = 0;
        for (const next of [1, 2, 200, 200, 256, 257, 511, 800, 1024, 1030]) {
          write(stepwise, size, next);
          size = next;
        }
        for (const path of listFiles(whole)) {
          expect(readFileSync(join(stepwise, path))).toEqual(readFileSync(join(whole, path)));
        }
        const extra = listFiles(stepwise).filter((path) => !listFiles(whole).includes(path));
        expect(extra).toEqual(['tile/1/000.p/1', 'tile/1/000.p/3']);
      });
    }));

  test('keeps partial files until the full one is there', () =>
    withTempFolder((dir) => {
      write(dir, 0, 5);
      write(dir, 5, 255);
      expect(listFiles(dir)).toContain('tile/entries/000.p/5');
      write(dir, 255, 256);
      expect(listFiles(dir)).toEqual(['tile/0/000', 'tile/1/000.p/1', 'tile/entries/000']);
    }));

  test('leaves files alone that do not change', () =>
    withTempFolder((dir) => {
      write(dir, 0, 600);
      for (const path of listFiles(dir)) {
        utimesSync(join(dir, path), 0, 0);
      }
      write(dir, 600, 601);
      write(dir, 601, 601);
      const written = listFiles(dir).filter((path) => statSync(join(dir, path)).mtimeMs !== 0);
      expect(written).toEqual(['tile/0/002.p/89', 'tile/entries/002.p/89']);
    }));

  test('takes over the temporary file that a crash has left', () =>
    withTempFolder((dir) => {
      writeFileSync(join(dir, '.write.tmp'), 'half a ti');
      write(dir, 0, 3);
      expect(listFiles(dir)).toEqual(['tile/0/000.p/3', 'tile/entries/000.p/3']);
    }));

  test('refuses sizes that no log grows by', () =>
    withTempFolder((dir) => {
      expect(codeOf(() => write(dir, 5, 4))).toBe('out-of-range');
      expect(codeOf(() => write(dir, -1, 4))).toBe('out-of-range');
      expect(codeOf(() => write(dir, 0, 0.5))).toBe('out-of-range');
      expect(codeOf(() => write(dir, 0, 2 ** 53))).toBe('out-of-range');
    }));

  test('says what storage lacks', () =>
    withTempFolder((dir) => {
      expect(codeOf(() => writeTiles(dir, 0, 4, () => undefined, readEntry))).toBe('node-missing');
      expect(codeOf(() => writeTiles(dir, 0, 4, readNode, () => undefined))).toBe('entry-missing');
    }));
});

describe('publishCheckpoint', () => {
  test('replaces the checkpoint', () =>
    withTempFolder((dir) => {
      publishCheckpoint(join(dir, 'log'), 'old\n');
      publishCheckpoint(join(dir, 'log'), 'new\n');
      expect(listFiles(dir)).toEqual(['log/checkpoint']);
      expect(readFileSync(join(dir, 'log/checkpoint'), 'utf8')).toBe('new\n');
    }));

  test('lets errors of the file system through', () =>
    withTempFolder((dir) => {
      writeFileSync(join(dir, 'file'), '');
      expect(() => publishCheckpoint(join(dir, 'file'), 'note\n')).toThrow(/ENOTDIR/);
    }));
});
