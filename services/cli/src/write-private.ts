import { lstatSync } from 'node:fs';
import { type WriteOptions, writeWhole } from '@entente/runtime';
import { UsageError } from './usage.js';

/**
 * Writes what holds records, content or findings: only its owner can read it, also where another file was there that everybody could.
 * Whole or not at all: a crash leaves the file before.
 * @throws UsageError if something else than a file is there
 */
export function writePrivate(
  file: string,
  bytes: Uint8Array | string,
  options: Pick<WriteOptions, 'aside' | 'isFlushed'> = {},
): void {
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() === false)
    throw new UsageError(`${file} is no plain file: name another one.`);
  writeWhole(file, bytes, options);
}
