import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'libsql';

export interface Turn {
  /** Lets the next one work. */
  readonly release: () => void;
}

const LOOK_EVERY_MS = 250;
const LOOK_SOON_MS = 50;

/**
 * Waits until no other process has the turn, and takes it. It is a lock of the operating system on an empty file: it ends with
 * the process that has it, however that ends, so that no clock and no lease decides who works, and never two of them do. A process
 * that is frozen keeps it. The file must be on a disk of this machine: file systems of a network do not keep such locks reliably.
 *
 * @param onWait called once, if another process has it now
 */
export async function takeTurn(file: string, onWait: () => void = () => undefined): Promise<Turn> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const lock = openLock(file);
  for (let looks = 0; !tryLock(lock); looks++) {
    if (looks === 0) onWait();
    await delay(LOOK_EVERY_MS);
  }
  return { release: () => void lock.close() };
}

/** The same for so long: undefined if another one has the turn then. The folder of the file has to be there. */
export async function takeTurnWithin(file: string, withinMs: number): Promise<Turn | undefined> {
  for (let waitedMs = 0; ; waitedMs += LOOK_SOON_MS) {
    const turn = tryTurn(file);
    if (turn || waitedMs >= withinMs) return turn;
    await delay(LOOK_SOON_MS);
  }
}

/** The same without waiting: undefined while another one has the turn. The folder of the file has to be there. */
export function tryTurn(file: string): Turn | undefined {
  const lock = openLock(file);
  if (tryLock(lock)) return { release: () => void lock.close() };
  lock.close();
  return undefined;
}

function openLock(file: string): Database.Database {
  const lock = new Database(file);
  lock.exec('PRAGMA busy_timeout = 0');
  return lock;
}

function tryLock(lock: Database.Database): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'SQLITE_BUSY') return false;
    throw error;
  }
}
