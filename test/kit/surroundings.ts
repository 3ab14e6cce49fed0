import { setTimeout as delay } from 'node:timers/promises';
import type { BreakableNetwork } from './breakable.js';
import { hasSmallDisks } from './small-disk.js';

/** What is around a process breaks, and is whole again when these resolve; no process is told, and none is started again. */

const HOUR_MS = 3_600_000;
/** Longer than a publication waits for its answer. */
const STRIKE_MS = 6000;

/** @param isSeen resolves when somebody has noticed; it stays wrong until then, and for as long as it strikes at least */
export async function shiftClock(
  net: BreakableNetwork,
  service: string,
  hours: number,
  isSeen: () => Promise<void> = async () => undefined,
): Promise<void> {
  net.shiftClock(service, hours * HOUR_MS);
  try {
    await Promise.all([delay(STRIKE_MS), isSeen()]);
  } finally {
    net.shiftClock(service, 0);
  }
}

/** Where nothing can be mounted nothing is struck, and the name of the fault says so. */
export const diskNote = hasSmallDisks ? '' : ' (skipped: no small disks here)';

/** @param isSeen as of a clock */
export async function fillDisk(
  net: BreakableNetwork,
  name: string,
  isSeen: () => Promise<void> = async () => undefined,
): Promise<void> {
  const disk = net.disk(name);
  if (!disk) return;
  let isOver = false;
  const over = Promise.all([delay(STRIKE_MS), isSeen()]).finally(() => {
    isOver = true;
  });
  for (; !isOver; await Promise.race([delay(50), over.catch(() => undefined)])) disk.fill();
  disk.clear();
  await over;
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
