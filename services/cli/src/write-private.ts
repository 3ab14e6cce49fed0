import { closeSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { UsageError } from './usage.js';

/**
 * Writes what holds records, content or findings: only its owner can read it, also where another file was there that everybody could.
 * Whole or not at all: a crash leaves the file before.
 * @param options.aside where it is written first, in the same file system; what a crash has left there gives way
 * @param options.isFlushed false for one of many files, which can be had again
 * @throws UsageError if something else than a file is there
 */
export function writePrivate(
  file: string,
  bytes: Uint8Array | string,
  { aside = `${file}.new`, isFlushed = true } = {},
): void {
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() === false)
    throw new UsageError(`${file} is no plain file: name another one.`);
  // Never into what somebody else has opened, or has laid a link to.
  rmSync(aside, { force: true });
  const opened = openSync(aside, 'wx', 0o600);
  try {
    writeFileSync(opened, bytes);
    if (isFlushed) fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
  renameSync(aside, file);
}
