import { setTimeout as delay } from 'node:timers/promises';
import type { BreakableNetwork } from './breakable.js';
import { hasSmallDisks } from './small-disk.js';

/** What is around a process breaks, and is whole again when these resolve; no process is told, and none is started again. */

const HOUR_MS = 3_600_000;
/** Longer than a publication waits for its answer. */
const STRIKE_MS = 6000;

export async function shiftClock(net: BreakableNetwork, service: string, hours: number): Promise<void> {
  net.shiftClock(service, hours * HOUR_MS);
  await delay(STRIKE_MS);
  net.shiftClock(service, 0);
}

/** Where nothing can be mounted nothing is struck, and the name of the fault says so. */
export const diskNote = hasSmallDisks ? '' : ' (skipped: no small disks here)';

export async function fillDisk(net: BreakableNetwork, name: string, untilMs = STRIKE_MS): Promise<void> {
  const disk = net.disk(name);
  if (!disk) return;
  for (const startedMs = performance.now(); performance.now() - startedMs < untilMs; await delay(50))
    disk.fill();
  disk.clear();
}

/** Nothing gets through for so long, and no connection is closed by it. */
export async function cutLine(net: BreakableNetwork, name: string, forMs: number): Promise<void> {
  net.line(name).set('cut');
  await delay(forMs);
  net.line(name).set('whole');
}

/** A consumer that takes a tenth of what is there for it. */
export async function slowLine(net: BreakableNetwork, name: string): Promise<void> {
  net.line(name).set({ bytesPerSecond: 4096 });
  await delay(STRIKE_MS);
  net.line(name).set('whole');
}
