import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeOfPromise } from './fixture/code-of.js';
import { withTempFolder, writeLog } from './fixture/log-on-disk.js';
import { entries, flipBit, ORIGIN, options, signer } from './fixture/log-under-test.js';
import { folderFiles } from './log-files.js';
import { parseProof, verifyProof } from './proof.js';
import { proveEntry } from './prove-entry.js';

const readerOf = (dir: string) => {
  const { read } = folderFiles(dir);
  return async (path: string, most: number) => {
    const bytes = await read(path, most);
    return typeof bytes === 'string' ? undefined : bytes;
  };
};

test('proves every entry from the files alone', async () => {
  await withTempFolder(async (dir) => {
    await writeLog(dir, entries, signer, [600]);
    for (const index of [0, 1, 255, 256, 511, 512, 599]) {
      const leaf = entries[index] ?? Buffer.alloc(0);
      const { proof } = await proveEntry(readerOf(dir), options, index, leaf, Buffer.from('more'));
      expect(verifyProof(proof, leaf, signer.key, ORIGIN)).toMatchObject({ index, size: 600 });
      expect(Buffer.from(parseProof(proof).extra ?? []).toString()).toBe('more');
    }
  });
});

test('gives no proof that would not hold', async () => {
  await withTempFolder(async (dir) => {
    await writeLog(dir, entries, signer, [600]);
    const prove = (index: number, leaf = entries[index] ?? Buffer.alloc(0)) =>
      codeOfPromise(proveEntry(readerOf(dir), options, index, leaf));
    expect(await prove(600)).toBe('out-of-range');
    expect(await prove(7, entries[8])).toBe('inclusion-invalid');
    flipBit(join(dir, 'tile/0/000'), 8 * 32 * 9);
    expect(await prove(7)).toBe('inclusion-invalid');
    rmSync(join(dir, 'tile/0/000'));
    expect(await prove(7)).toBe('node-missing');
  });
});
