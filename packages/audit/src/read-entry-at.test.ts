import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeOfPromise } from './fixture/code-of.js';
import { withTempFolder, writeLog } from './fixture/log-on-disk.js';
import { entries, flipBit, signer } from './fixture/log-under-test.js';
import { folderFiles } from './log-files.js';
import { leafHash, merkleRoot } from './merkle.js';
import { readEntryAt } from './read-entry-at.js';

const checkpoint = { size: 600, root: merkleRoot(entries.map(leafHash)) };

test('reads any entry from the files alone', async () => {
  await withTempFolder(async (dir) => {
    await writeLog(dir, entries, signer, [600]);
    for (const index of [0, 1, 255, 256, 511, 512, 599])
      expect(await readEntryAt(folderFiles(dir), index, checkpoint)).toEqual(entries[index]);
  });
});

test('gives none that is not the one of the checkpoint', async () => {
  await withTempFolder(async (dir) => {
    await writeLog(dir, entries, signer, [600]);
    const read = (index: number, size = 600) =>
      codeOfPromise(readEntryAt(folderFiles(dir), index, { ...checkpoint, size }));
    expect(await read(600)).toBe('out-of-range');
    expect(await read(-1)).toBe('out-of-range');
    expect(await read(0, 0)).toBe('out-of-range');
    expect(await read(598, 599)).toBe('entry-missing');
    expect(await read(7, 599)).toBe('node-missing');
    flipBit(join(dir, 'tile/entries/000'), 8 * 4);
    expect(await read(1)).toBe('inclusion-invalid');
    rmSync(join(dir, 'tile/0/000'));
    expect(await read(7)).toBe('node-missing');
    rmSync(join(dir, 'tile/entries/000'));
    expect(await read(7)).toBe('entry-missing');
  });
});
