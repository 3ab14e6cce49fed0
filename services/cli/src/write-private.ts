import { existsSync, lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { type WriteOptions, writeWhole } from '@entente/runtime';
import { UsageError } from './usage.js';

/**
 * Writes what holds records, content or findings: only its owner can read it, also where another file was there that everybody could.
 * Whole or not at all: a crash leaves the file before.
 * @throws UsageError if something else than a file is there, or there is no folder for it
 */
export function writePrivate(
  file: string,
  bytes: Uint8Array | string,
  options: Pick<WriteOptions, 'aside' | 'isFlushed'> = {},
): void {
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() === false)
    throw new UsageError(`${file} is no plain file: name another one.`);
  if (!existsSync(dirname(file))) throw new UsageError(`There is no folder ${dirname(file)}.`);
  writeWhole(file, bytes, options);
}
