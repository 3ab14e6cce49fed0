import { chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeWhole } from '@entente/runtime';
import type { Log } from './append-batch.js';
import { isAnySeen, readSeen } from './check-log.js';

/** The parts of a log that this is about, and its folder. */
type Opened = Pick<Log, 'signer' | 'origin' | 'store' | 'image'> & { readonly dir: string };

/**
 * INVARIANT: a log is signed only on from the database that was written on last. Whoever puts an older one in its place may put back an
 * image of the same age, and then nothing here speaks against it: so a copy is known as one by itself (`entente backup` marks it), or by
 * being another file than was noted. It goes on only where the operator has laid what others have seen into the folder `seen` of
 * `dataDir`, which counts for this once. A disk or a machine that is set back as a whole cannot be told here from one that was not: `watchOthers` asks who
 * knows.
 *
 * @throws Error if it may be older, and nothing says what others have seen
 */
export async function checkOriginal(log: Opened, dataDir: string): Promise<void> {
  const reason = await whyOlder(log);
  const seen = readSeen(dataDir);
  if (reason !== undefined) {
    if (!isAnySeen(log, seen))
      throw new Error(
        `the database of ${log.origin} may be older than what others have seen of it: ${reason}. Go on under another origin: entente ledger succeed --restored`,
      );
    log.store.callOriginal();
  }
  // Also where there was nothing to doubt: what lies there says nothing of the next copy.
  if (seen.length > 0) seenDone(dataDir);
  await noteOriginal(log.dir);
}

/** From here on the database of this log is the file that it is now. */
export async function noteOriginal(dir: string): Promise<void> {
  const born = await bornOf(dir);
  if (born !== undefined && born !== readNoted(dir))
    writeWhole(noteOf(dir), `${JSON.stringify({ born_ns: born })}\n`);
}

async function whyOlder({ dir, store, image }: Opened): Promise<string | undefined> {
  if (store.isBackup()) return 'it comes from a backup';
  const noted = readNoted(dir);
  if (noted !== undefined)
    return noted === (await bornOf(dir)) ? undefined : 'it is another file than the one that was written on';
  return store.head().size > 0 && image.publishedSize() === 0
    ? 'its image, which says what was published, is lost'
    : undefined;
}

const noteOf = (dir: string): string => join(dir, 'database.json');

function readNoted(dir: string): string | undefined {
  if (!existsSync(noteOf(dir))) return undefined;
  try {
    return String((JSON.parse(readFileSync(noteOf(dir), 'utf8')) as { born_ns?: unknown }).born_ns);
  } catch {
    // It is written whole: what cannot be read is nobody's note, and no file was made then.
    return '';
  }
}

const TICK_MS = 10;

/**
 * When the file of the database was made, in ns: no copy has that of its original, also where it keeps the other times.
 * @returns undefined where the file system does not know it
 */
async function bornOf(dir: string): Promise<string | undefined> {
  const path = join(dir, 'ledger.sqlite');
  const born = readBorn(path);
  if (born !== undefined) return born;
  // It may have been made in this very tick.
  await delay(TICK_MS);
  return readBorn(path);
}

function readBorn(path: string): string | undefined {
  // Node.js may give the time of the last change instead: a change tells the two apart.
  chmodSync(path, statSync(path).mode & 0o777);
  const { birthtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return birthtimeNs > 0n && birthtimeNs < ctimeNs ? String(birthtimeNs) : undefined;
}

/** Kept under another name: it says nothing about the next copy. */
function seenDone(dataDir: string): void {
  const seen = join(dataDir, 'seen');
  rmSync(`${seen}.done`, { recursive: true, force: true });
  renameSync(seen, `${seen}.done`);
}
