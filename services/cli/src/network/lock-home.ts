import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Turn, tryTurn } from '@entente/runtime';
import { UsageError } from '../usage.js';

/**
 * One network runs in a folder at a time: a second one would open the stores of the first. The lock ends with the process that has
 * it, however that ends; the file beside it only says which that is.
 * @throws UsageError if another process has it
 */
export function lockHome(dir: string): Turn {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const turn = tryTurn(join(dir, 'network.lock'));
  if (turn === undefined)
    throw new UsageError(
      `A network runs in ${dir} already, by process ${pidIn(dir)}: use that one from another terminal, or end it first.`,
    );
  writeFileSync(pidFile(dir), `${process.pid}\n`);
  return turn;
}

const pidFile = (dir: string): string => join(dir, 'network.pid');

/** It may be asked for between the lock and its being written. */
function pidIn(dir: string): string {
  try {
    return readFileSync(pidFile(dir), 'utf8').trim() || '?';
  } catch {
    return '?';
  }
}
