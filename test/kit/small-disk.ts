import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether disks of a few megabytes can be put under a service: `npm run fault` says so when it runs in a mount namespace of its
 * own, which ends with it. Without one nothing is mounted, and what needs it is skipped by name.
 */
export const hasSmallDisks = process.env.FAULT_DISKS === '1';

export interface SmallDisk {
  /** Takes all the room that is left, and what becomes free meanwhile as often as it is called. */
  readonly fill: () => void;
  readonly clear: () => void;
  readonly unmount: () => void;
}

const CHUNK = Buffer.alloc(64 * 1024);

/** A real file system (tmpfs) of so many bytes under a folder: what does not fit gets a real ENOSPC. */
export function mountSmallDisk(dir: string, bytes: number): SmallDisk {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'tmpfs', dir]);
  const filler = join(dir, 'filler');
  return {
    fill: () => {
      const file = openSync(filler, 'a');
      for (let length = CHUNK.length; length >= 1; length = Math.floor(length / 2)) {
        while (write(file, CHUNK.subarray(0, length)));
      }
      closeSync(file);
    },
    clear: () => rmSync(filler, { force: true }),
    unmount: () => void execFileSync('umount', ['--lazy', dir]),
  };
}

function write(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) === bytes.length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
