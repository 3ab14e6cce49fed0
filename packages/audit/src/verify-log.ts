import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { AuditError } from './error.js';
import { collectFaults, type Fault, MAX_FAULTS, type ReportFault } from './log-fault.js';
import { filesBelow, partialWidths, readLogFile } from './log-folder.js';
import { HASH_BYTES, merkleRoot } from './merkle.js';
import { MAX_NOTE_BYTES } from './note.js';
import type { NoteKey } from './note-key.js';
import { type FoundTile, readTile } from './read-tile.js';
import { addSuspect, type Claims, judgeSuspects, type Suspect } from './tile-claims.js';
import { parseTilePath, TILE_WIDTH, type TileName, tilePath, widthAt } from './tile-path.js';
import { CHECKPOINT } from './write-tiles.js';

export interface VerifyLogOptions {
  /** The log's key. */
  readonly key: NoteKey;
  readonly origin: string;
  /**
   * Called for each readable entry, in order, and awaited. The bytes are proved only once the report comes and has
   * no fault. They are a view of their bundle: copy what you keep. What it throws ends the verification.
   */
  readonly onEntry?: (index: number, entry: Uint8Array, size: number) => void | Promise<void>;
}

/** What the checkpoint says, and all that in the folder speaks against it. */
export interface LogReport extends Checkpoint {
  readonly faults: readonly Fault[];
}

/**
 * Verifies a whole log in a folder of C2SP tlog-tiles: the checkpoint's signature, the root recomputed from every
 * entry, and every tile, bundle and left-over partial file against the recomputed hashes. Reads one bundle at a time:
 * memory is a tile for each level, whatever the size of the log.
 *
 * Where entries and tiles disagree, the signed root says which of them is wrong; where neither gives that root, all
 * that disagree are named. Files for a larger tree than the checkpoint of now has are `beyond-checkpoint`: an old checkpoint
 * was put back. What a log grows by while it is read is left for the next time.
 *
 * @throws AuditError `checkpoint-missing` and those of `openCheckpoint`: without a checkpoint nothing can be verified.
 *   Errors of the file system other than absent files are thrown as they are
 */
export async function verifyLog(dir: string, { key, origin, onEntry }: VerifyLogOptions): Promise<LogReport> {
  const checkpoint = openCheckpoint(await readCheckpoint(dir), key, origin);
  const { faults, report } = collectFaults();
  const log: Log = { dir, size: checkpoint.size, report, onEntry, suspects: [], rows: [] };
  for (let index = 0; widthAt(0, index, log.size) > 0; index++) {
    await climb(log, index, await readLeaves(log, index));
  }
  await checkRightEdge(log);
  const openClaims = Array.from(log.rows, (row) => row?.claims);
  judgeSuspects(log.suspects, openClaims, checkpoint.root, report);
  await reportStrays(log, async () => await sizeNow(dir, key, origin, log.size));
  return { ...checkpoint, faults };
}

interface Log {
  readonly dir: string;
  readonly size: number;
  readonly report: ReportFault;
  readonly onEntry: VerifyLogOptions['onEntry'];
  readonly suspects: Suspect[];
  readonly rows: (Row | undefined)[];
}

/** The tile of one level that is not full yet, and what is claimed about it. */
interface Row {
  readonly index: number;
  readonly claims: Claims;
}

async function readCheckpoint(dir: string): Promise<Buffer> {
  const note = await readLogFile(dir, CHECKPOINT, MAX_NOTE_BYTES);
  if (typeof note === 'string') {
    throw new AuditError('checkpoint-missing', 'The folder has no readable checkpoint.');
  }
  return note;
}

/** The size that the log has come to since; as it was, where its checkpoint cannot be believed any more. */
async function sizeNow(dir: string, key: NoteKey, origin: string, size: number): Promise<number> {
  try {
    return Math.max(size, openCheckpoint(await readCheckpoint(dir), key, origin).size);
  } catch {
    return size;
  }
}

async function readLeaves(log: Log, index: number): Promise<Claims> {
  const width = widthAt(0, index, log.size);
  const [bundleName, tileName] = [{ level: 'entries', index, width } as const, { level: 0, index, width }];
  const bundle = await readTile(log.dir, bundleName, log.report);
  await passEntries(log, index, bundle);
  const tile = await readTile(log.dir, tileName, log.report);
  // Where one is lost the other stands in, so that one fault does not look like many. Nothing hashes to zeros.
  const lost = Array.from({ length: width }, () => Buffer.alloc(HASH_BYTES));
  const claims = {
    entries: bundle?.hashes ?? tile?.hashes ?? lost,
    tiles: tile?.hashes ?? bundle?.hashes ?? lost,
  };
  addSuspect(log.suspects, bundleName, bundle, claims);
  addSuspect(log.suspects, tileName, tile, claims);
  await checkPartials(log, bundleName, claims);
  await checkPartials(log, tileName, claims);
  return claims;
}

async function passEntries(log: Log, tileIndex: number, bundle: FoundTile | undefined): Promise<void> {
  for (const [i, entry] of bundle?.entries.entries() ?? []) {
    const pending = log.onEntry?.(tileIndex * TILE_WIDTH + i, entry, log.size);
    // A million entries would mean a million needless turns of the event loop's queue.
    if (pending !== undefined) {
      await pending;
    }
  }
}

/** Hands a full tile's hash to the level above, for as long as that fills a tile there. */
async function climb(log: Log, leafIndex: number, leaves: Claims): Promise<void> {
  let [level, index, claims] = [0, leafIndex, leaves];
  while (claims.entries.length === TILE_WIDTH) {
    log.rows[level] = { index: index + 1, claims: { entries: [], tiles: [] } };
    level += 1;
    const above = log.rows[level] ?? { index: 0, claims: { entries: [], tiles: [] } };
    index = above.index;
    const root = merkleRoot(claims.entries);
    claims = {
      entries: [...above.claims.entries, root],
      tiles: [...above.claims.tiles, agree(claims) ? root : merkleRoot(claims.tiles)],
    };
    if (claims.entries.length === TILE_WIDTH) {
      await checkTile(log, { level, index, width: TILE_WIDTH }, claims);
    }
  }
  log.rows[level] = { index, claims };
}

/** In an honest log always: then one root is enough. */
function agree({ entries, tiles }: Claims): boolean {
  return entries.every((hash, i) => Buffer.compare(hash, tiles[i] ?? Buffer.alloc(0)) === 0);
}

async function checkRightEdge(log: Log): Promise<void> {
  for (const [level, row] of log.rows.entries()) {
    const width = row?.claims.entries.length ?? 0;
    if (row !== undefined && level > 0 && width > 0) {
      await checkTile(log, { level, index: row.index, width }, row.claims);
    }
  }
}

async function checkTile(log: Log, name: TileName, claims: Claims): Promise<void> {
  addSuspect(log.suspects, name, await readTile(log.dir, name, log.report), claims);
  await checkPartials(log, name, claims);
}

/** Partial files of earlier sizes may stay: whoever still has an earlier checkpoint reads them. */
async function checkPartials(log: Log, name: TileName, claims: Claims): Promise<void> {
  for (const width of await partialWidths(log.dir, tilePath({ ...name, width: TILE_WIDTH }))) {
    if (width < name.width) {
      const partial = { ...name, width };
      addSuspect(log.suspects, partial, await readTile(log.dir, partial, log.report), claims);
    }
  }
}

async function reportStrays(log: Log, newestSize: () => Promise<number>): Promise<void> {
  const strays: { readonly path: string; readonly name: TileName }[] = [];
  for await (const path of filesBelow(log.dir, 'tile')) {
    const name = parseTilePath(path);
    if (name === undefined) {
      log.report('unexpected-file', path, 'No log has a file of this name.');
    } else if (isBeyond(name, log.size) && strays.length <= MAX_FAULTS) {
      strays.push({ path, name });
    }
  }
  // A log that is being written has grown meanwhile, and says so in a newer checkpoint.
  const size = strays.length > 0 ? await newestSize() : log.size;
  for (const { path } of strays.filter(({ name }) => isBeyond(name, size))) {
    log.report('beyond-checkpoint', path, `A log of ${size} entries has no such file.`);
  }
}

function isBeyond({ level, index, width }: TileName, size: number): boolean {
  return width > widthAt(level, index, size);
}
