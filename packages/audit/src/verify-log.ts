import { setTimeout as delay } from 'node:timers/promises';
import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { AuditError } from './error.js';
import { collectFaults, type Fault, MAX_FAULTS, type ReportFault } from './log-fault.js';
import { folderFiles, type LogFiles } from './log-files.js';
import { type LogProgress, type Row, restoreRows, saveRows } from './log-progress.js';
import { HASH_BYTES, merkleRoot } from './merkle.js';
import { MAX_NOTE_BYTES } from './note.js';
import type { NoteKey } from './note-key.js';
import { type FoundTile, readTile } from './read-tile.js';
import { addSuspect, type Claims, judgeSuspects, rootOf, type Suspect } from './tile-claims.js';
import { parseTilePath, TILE_WIDTH, type TileName, tilePath, widthAt } from './tile-path.js';
import { CHECKPOINT } from './write-tiles.js';

/** Waits for the checkpoint of tiles that are there already. A writer takes a millisecond from one to the other, unless it stands still. */
const CHECKPOINT_COMES_MS = [50, 250, 1000];

export interface VerifyLogOptions {
  /** The log's key. */
  readonly key: NoteKey;
  readonly origin: string;
  /** Called first, with the signed note under which all is verified. */
  readonly onCheckpoint?: ((note: string) => void) | undefined;
  /**
   * Called for each readable entry, in order, and awaited. The bytes are proved only once the report comes and has
   * no fault. They are a view of their bundle: copy what you keep. What it throws ends the verification.
   */
  readonly onEntry?: (index: number, entry: Uint8Array, size: number) => void | Promise<void>;
  /** Sizes, rising, of which the root is wanted: earlier checkpoints of this log. */
  readonly rootsAt?: readonly number[];
  readonly onRoot?: (size: number, root: Uint8Array) => void;
  /** Goes on where an earlier run stood. That the log still extends it is for the caller to ask first. */
  readonly from?: LogProgress | undefined;
  /** Called after each full bundle, and awaited; what `save` gives continues from there. */
  readonly onBundle?: (done: number, size: number, save: () => LogProgress) => void | Promise<void>;
}

/** What the checkpoint says, and all that in the folder speaks against it. */
export interface LogReport extends Checkpoint {
  readonly faults: readonly Fault[];
}

/**
 * Verifies a whole log of C2SP tlog-tiles, in a folder or wherever its files are read: the checkpoint's signature, the root recomputed from every
 * entry, and every tile, bundle and left-over partial file against the recomputed hashes. Reads one bundle at a time:
 * memory is a tile for each level, whatever the size of the log.
 *
 * Where entries and tiles disagree, the signed root says which of them is wrong; where neither gives that root, all
 * that disagree are named. Files for a larger tree than the checkpoint of now has are `beyond-checkpoint`: an old checkpoint
 * was put back. What a log grows by while it is read is left for the next time.
 *
 * @param place the log's folder, or its files
 * @throws AuditError `checkpoint-missing` and those of `openCheckpoint`: without a checkpoint nothing can be verified.
 *   RangeError if `from` is no progress. Errors of the file system other than absent files are thrown as they are
 */
export async function verifyLog(place: string | LogFiles, options: VerifyLogOptions): Promise<LogReport> {
  const files = typeof place === 'string' ? folderFiles(place) : place;
  const { key, origin, from, onBundle } = options;
  const note = await readCheckpoint(files);
  const checkpoint = openCheckpoint(note, key, origin);
  options.onCheckpoint?.(note.toString('utf8'));
  const { faults, report } = collectFaults(from?.faults);
  const rows = from ? restoreRows(from) : [];
  const suspects = [...(from?.suspects ?? [])];
  const log: Log = { files, size: checkpoint.size, report, options, suspects, rows, lost: 0, told: 0 };
  const save = (done: number) => (): LogProgress => ({
    ...{ done, rows: saveRows(log.rows), suspects: [...suspects], faults: [...faults] },
  });
  const first = (from?.done ?? 0) / TILE_WIDTH;
  let ahead = readAhead(log, first);
  for (let index = first; widthAt(0, index, log.size) > 0 && log.lost <= MAX_FAULTS; index++) {
    const found = await ahead;
    ahead = readAhead(log, index + 1);
    const leaves = await checkLeaves(log, index, found);
    tellRoots(log, index, leaves);
    await climb(log, index, leaves);
    if (leaves.entries.length === TILE_WIDTH)
      await onBundle?.((index + 1) * TILE_WIDTH, log.size, save((index + 1) * TILE_WIDTH));
  }
  await checkRightEdge(log);
  const openClaims = Array.from(log.rows, (row) => row?.claims);
  judgeSuspects(log.suspects, openClaims, checkpoint.root, report);
  await reportStrays(log, async () => await sizeNow(files, key, origin, log.size));
  return { ...checkpoint, faults };
}

interface Log {
  readonly files: LogFiles;
  readonly size: number;
  readonly report: ReportFault;
  readonly options: VerifyLogOptions;
  readonly suspects: Suspect[];
  readonly rows: (Row | undefined)[];
  /** Bundles that are gone with their tile. A signed size of 2^50 over an empty folder would never end. */
  lost: number;
  /** How many of the wanted roots are passed. */
  told: number;
}

async function readCheckpoint(files: LogFiles): Promise<Buffer> {
  const note = await files.read(CHECKPOINT, MAX_NOTE_BYTES);
  if (typeof note === 'string') {
    throw new AuditError('checkpoint-missing', 'The log has no readable checkpoint.');
  }
  return note;
}

/** The size that the log has come to since; as it was, where its checkpoint cannot be believed any more. */
async function sizeNow(files: LogFiles, key: NoteKey, origin: string, size: number): Promise<number> {
  try {
    return Math.max(size, openCheckpoint(await readCheckpoint(files), key, origin).size);
  } catch {
    return size;
  }
}

interface FoundLeaves {
  readonly bundle?: FoundTile | undefined;
  readonly tile?: FoundTile | undefined;
  readonly faults: readonly Fault[];
}

/** The next bundle is read while this one is worked on: one ahead, so that memory is two of them. */
function readAhead(log: Log, index: number): Promise<FoundLeaves> {
  const width = widthAt(0, index, log.size);
  const found = width === 0 ? Promise.resolve({ faults: [] }) : readLeaves(log, index, width);
  // What fails here is thrown where it is awaited; if this one's work ends the run first, nobody awaits it.
  found.catch(() => undefined);
  return found;
}

async function readLeaves({ files }: Log, index: number, width: number): Promise<FoundLeaves> {
  const [ofBundle, ofTile] = [collectFaults(), collectFaults()];
  // Together, so that where both fail none of them is left without anybody who waits for it.
  const [bundle, tile] = await Promise.all([
    readTile(files, { level: 'entries', index, width }, ofBundle.report),
    readTile(files, { level: 0, index, width }, ofTile.report),
  ]);
  return { bundle, tile, faults: [...ofBundle.faults, ...ofTile.faults] };
}

async function checkLeaves(log: Log, index: number, { bundle, tile, faults }: FoundLeaves): Promise<Claims> {
  const width = widthAt(0, index, log.size);
  // INVARIANT: said when it is this bundle's turn, so that what is saved before says nothing of it.
  for (const { code, path, detail } of faults) log.report(code, path, detail);
  const [bundleName, tileName] = [{ level: 'entries', index, width } as const, { level: 0, index, width }];
  await passEntries(log, index, bundle);
  if (!bundle && !tile) log.lost += 1;
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
    const pending = log.options.onEntry?.(tileIndex * TILE_WIDTH + i, entry, log.size);
    // A million entries would mean a million needless turns of the event loop's queue.
    if (pending !== undefined) {
      await pending;
    }
  }
}

/** Roots of earlier sizes that end within this bundle. */
function tellRoots(log: Log, index: number, leaves: Claims): void {
  const { rootsAt = [], onRoot } = log.options;
  const above = log.rows.slice(1).map((row) => row?.claims);
  for (; log.told < rootsAt.length; log.told++) {
    const size = rootsAt[log.told] ?? 0;
    const width = size - index * TILE_WIDTH;
    if (width > leaves.entries.length) return;
    const [entries, tiles] = [leaves.entries.slice(0, width), leaves.tiles.slice(0, width)];
    if (width > 0) onRoot?.(size, rootOf([{ entries, tiles }, ...above], 'entries'));
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
  addSuspect(log.suspects, name, await readTile(log.files, name, log.report), claims);
  await checkPartials(log, name, claims);
}

/** Partial files of earlier sizes may stay: whoever still has an earlier checkpoint reads them. */
async function checkPartials(log: Log, name: TileName, claims: Claims): Promise<void> {
  for (const width of await log.files.partialWidths(tilePath({ ...name, width: TILE_WIDTH }))) {
    if (width < name.width) {
      const partial = { ...name, width };
      addSuspect(log.suspects, partial, await readTile(log.files, partial, log.report), claims);
    }
  }
}

async function reportStrays(log: Log, newestSize: () => Promise<number>): Promise<void> {
  const strays: { readonly path: string; readonly name: TileName }[] = [];
  for await (const path of log.files.filesBelow('tile')) {
    const name = parseTilePath(path);
    if (name === undefined) {
      log.report('unexpected-file', path, 'No log has a file of this name.');
    } else if (isBeyond(name, log.size) && strays.length <= MAX_FAULTS) {
      strays.push({ path, name });
    }
  }
  // A log that is being written has grown meanwhile, and says so in a newer checkpoint: at once, or when its writer has come to that.
  let size = strays.length > 0 ? await newestSize() : log.size;
  for (const waitMs of CHECKPOINT_COMES_MS) {
    if (!strays.some(({ name }) => isBeyond(name, size))) break;
    await delay(waitMs);
    size = await newestSize();
  }
  for (const { path } of strays.filter(({ name }) => isBeyond(name, size))) {
    log.report('beyond-checkpoint', path, `A log of ${size} entries has no such file.`);
  }
}

function isBeyond({ level, index, width }: TileName, size: number): boolean {
  return width > widthAt(level, index, size);
}
