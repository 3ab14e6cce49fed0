import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { wire } from '@entente/contract';
import { writeWhole } from '@entente/runtime';
import { remainsOf } from './log-folders.js';
import { tilesOf } from './open-log.js';
import type { PastLog } from './past-log.js';
import type { LogNotice } from './place-own.js';
import { isAboutLog } from './retain.js';

const DAY_MS = 86_400_000;
const PAGE = 256;

/**
 * Whether a log that has ended is to go whole: its last entry is older than that, and none of its records is left; those of a case
 * under legal hold are, and keep it.
 */
export function isOver({ store }: PastLog, days: number, nowMs: number): boolean {
  if (store.head().timeMs >= nowMs - days * DAY_MS) return false;
  for (let from = 0; ; ) {
    const page = store.keptFrom(from, PAGE);
    if (page.some(({ record }) => record && !isAboutLog(record))) return false;
    if (page.length < PAGE) return true;
    from = (page.at(-1)?.index ?? from) + 1;
  }
}

/** Writes what stays of a log: its last checkpoint as it was signed, and how many entries of which kind it had. */
export function keepRemains(dataDir: string, { origin, dir, store }: PastLog): LogNotice {
  const { size, note, timeMs } = store.head();
  const firstMs = size > 0 ? wire.leaf.decode(store.leafAt(0) ?? new Uint8Array()).timeMs : timeMs;
  const days = { from: dayOf(firstMs), to: dayOf(timeMs) };
  const counts = `${JSON.stringify({ origin, size, ...days, entries: store.tally() }, null, 2)}\n`;
  const remains = remainsOf(dataDir, origin);
  const keep = (name: string, text: string) => writeWhole(join(remains, name), text, { folderMode: 0o700 });
  keep('checkpoint', note);
  const about = join(dir, 'origin.json');
  if (existsSync(about)) keep('origin.json', readFileSync(about, 'utf8'));
  keep('counts.json', counts);
  const countsSha256 = createHash('sha256').update(counts).digest();
  return { event: 'log-deleted', past: { origin, checkpoint: note, countsSha256 } };
}

/** INVARIANT: after the entry that says so. The database goes last, so that a deletion that was cut off is found and ended. */
export function deleteFiles(dataDir: string, { dir, store }: PastLog): void {
  store.emptyJournal();
  store.close();
  rmSync(tilesOf(dir), { recursive: true, force: true });
  for (const name of ['ledger.sqlite-wal', 'ledger.sqlite-shm', 'ledger.sqlite'])
    rmSync(join(dir, name), { force: true });
  if (dir !== dataDir) rmSync(dir, { recursive: true, force: true });
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
