import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  decodeBundle,
  encodeBundle,
  encodeRecords,
  folderFiles,
  HASH_BYTES,
  KEPT_CHECKPOINTS,
  type LogFiles,
  MAX_ENTRY_BYTES,
  MAX_KEPT_BYTES,
  parseVkey,
  readCheckpointOf,
  recordsPath,
  TILE_WIDTH,
  type TileName,
  tilePath,
  widthAt,
} from '@entente/audit';
import { wire } from '@entente/contract';
import { writePrivate } from '../write-private.js';
import { archiveFetcher } from './fetch-archive.js';
import { FILES_BEHIND_MS } from './files-behind.js';
import { unlessUnreadable } from './header-in.js';
import { imageOf, type LogSource, logFilesOf } from './log-source.js';
import { namingPlace } from './name-place.js';
import { openRecords, type Records } from './open-records.js';
import type { OnProgress } from './read-log.js';

export interface CopiedLog {
  readonly size: number;
  /** Files that were not there before. */
  readonly files: number;
}

/** A log that is written meanwhile may have erased what is copied after its checkpoint: so often the entries that say why are copied as well. */
const MOST_ROUNDS = 5;

/**
 * Copies a log to a folder: tiles, entries, records, checkpoints, and the packs and directories that its records name. Nothing is
 * checked but the checkpoint's signature: the copy is evidence, and to be audited like the log. Full tiles and bundles that are
 * there already are left as they are; records are read again, since some may have been erased. Only its owner can read the copy.
 */
export async function copyLog(source: LogSource, dir: string, onProgress?: OnProgress): Promise<CopiedLog> {
  const files = logFilesOf(source);
  const key = parseVkey(source.vkey);
  const records = openRecords(source, files);
  let count = 0;
  const put = (path: string, bytes: Uint8Array | string) => {
    count += existsSync(join(dir, path)) ? 0 : 1;
    writeIn(dir, path, bytes);
  };
  const copy = { files, dir, records, put, archive: archiveCopier(source, files, dir), onProgress };
  try {
    for (let round = 0, done = 0; ; round++) {
      const earlier = await files.read(KEPT_CHECKPOINTS, MAX_KEPT_BYTES);
      const { checkpoint, note } = await namingPlace(imageOf(source), source.vkey, () =>
        readCheckpointOf(readerOf(files), key, key.name),
      );
      const { size } = checkpoint;
      const isAnyErased = await copyEntries(copy, done, size);
      // Last: what the checkpoint speaks of is there.
      if (typeof earlier !== 'string') put(KEPT_CHECKPOINTS, earlier);
      put('checkpoint', note);
      if (!isAnyErased || size === done || round + 1 === MOST_ROUNDS) return { size, files: count };
      done = size;
      await delay(FILES_BEHIND_MS);
    }
  } finally {
    records.close();
  }
}

/** A signed size of 2^50 over nothing would never end, and fill this machine's disk. */
const MOST_LOST = 1000;

interface Copy {
  readonly files: LogFiles;
  readonly dir: string;
  readonly records: Records;
  readonly put: (path: string, bytes: Uint8Array) => void;
  readonly archive: ArchiveCopier;
  readonly onProgress: OnProgress | undefined;
}

/**
 * @param from an earlier size, up to which all was copied
 * @returns whether something of it was erased
 */
async function copyEntries(
  { files, dir, records, put, archive, onProgress }: Copy,
  from: number,
  size: number,
): Promise<boolean> {
  let [isAnyErased, lost] = [false, 0];
  if (from === size) return isAnyErased;
  const first = Math.floor(from / TILE_WIDTH);
  const erasedSince = new Set<number>();
  const noted: ArchiveCopier = (record) => {
    if (record.event === 'erasure' && !record.past)
      for (const index of record.erasure?.indices ?? [])
        if (index < first * TILE_WIDTH) erasedSince.add(Math.floor(index / TILE_WIDTH));
    return archive(record);
  };
  for (let index = first; widthAt('entries', index, size) > 0; index++) {
    onProgress?.(index * TILE_WIDTH, size);
    const width = widthAt('entries', index, size);
    if (!(await copyTile(files, dir, { level: 'entries', index, width }, put))) lost += 1;
    if (lost > MOST_LOST)
      throw new Error(
        `the log has signed ${size} entries, and more than ${MOST_LOST} bundles of them are not there`,
      );
    await records.load(index, width);
    // What an earlier copy has of this bundle may have been erased since.
    rmSync(join(dir, `${recordsPath({ index, width: TILE_WIDTH })}.p`), { recursive: true, force: true });
    const kept = await recordsOf(records, index, width, noted);
    isAnyErased ||= kept.includes(undefined);
    // What is not shown is not there: written as nothing it would look erased.
    if (kept.length > 0) put(recordsPath({ index, width }), encodeRecords(kept));
  }
  // Copied in an earlier round, and erased by an entry of this one: else the copy would say that the log has kept it.
  for (const index of erasedSince) {
    await records.load(index, TILE_WIDTH);
    const kept = await recordsOf(records, index, TILE_WIDTH, archive);
    if (kept.length > 0) put(recordsPath({ index, width: TILE_WIDTH }), encodeRecords(kept));
  }
  for (let level = 0; widthAt(level, 0, size) > 0; level++)
    for (let index = 0; widthAt(level, index, size) > 0; index++)
      await copyTile(files, dir, { level, index, width: widthAt(level, index, size) }, put);
  return isAnyErased;
}

/** @returns whether it is there now */
async function copyTile(
  files: LogFiles,
  dir: string,
  tile: TileName,
  put: (path: string, bytes: Uint8Array) => void,
): Promise<boolean> {
  const path = tilePath(tile);
  if (tile.width === TILE_WIDTH && existsSync(join(dir, path))) return true;
  const most = tile.level === 'entries' ? 2 + MAX_ENTRY_BYTES : HASH_BYTES;
  const own = await files.read(path, tile.width * most);
  // A partial file may have given way to the full one meanwhile. What is not there will be missing in the copy as well.
  const bytes = typeof own === 'string' ? await readCut(files, tile, most) : own;
  if (bytes) put(path, bytes);
  return bytes !== undefined;
}

async function readCut(files: LogFiles, tile: TileName, most: number): Promise<Buffer | undefined> {
  const bytes = await files.read(tilePath({ ...tile, width: TILE_WIDTH }), TILE_WIDTH * most);
  return typeof bytes === 'string' ? undefined : firstOf(bytes, tile);
}

/** INVARIANT: no more than the copy's checkpoint speaks of: a file of a larger tree would look like an old checkpoint that was put back. */
function firstOf(bytes: Buffer, { level, width }: TileName): Buffer | undefined {
  if (level !== 'entries') return bytes.subarray(0, width * HASH_BYTES);
  return unlessUnreadable(() => encodeBundle(decodeBundle(bytes, TILE_WIDTH).slice(0, width)));
}

async function recordsOf(
  records: Records,
  index: number,
  width: number,
  archive: ArchiveCopier,
): Promise<KeptRecord[]> {
  const kept: KeptRecord[] = [];
  const rows = Array.from({ length: width }, (_, i) => records.row(index * TILE_WIDTH + i));
  if (rows.every((row) => row === undefined)) return kept;
  for (const { salt, record } of rows.map((row) => row ?? { salt: null, record: null })) {
    kept.push(salt?.length === 16 && record ? { salt, record } : undefined);
    const decoded = record ? unlessUnreadable(() => wire.record.decode(record)) : undefined;
    if (decoded) await archive(decoded);
  }
  return kept;
}

type KeptRecord = Parameters<typeof encodeRecords>[0][number];
type ArchiveCopier = ReturnType<typeof archiveFetcher>;

/** From an address they are fetched; from folders they are copied. */
function archiveCopier(source: LogSource, files: LogFiles, dir: string): ArchiveCopier {
  const into = join(dir, 'archive');
  makeFolder(into);
  const from: LogFiles = source.remote ? files : localArchive(source, files);
  return archiveFetcher(into, from);
}

function localArchive({ archive }: LogSource, files: LogFiles): LogFiles {
  return {
    ...files,
    read: async (path, most) => {
      for (const folder of archive) {
        const bytes = await folderFiles(folder).read(path.slice('archive/'.length), most);
        if (bytes !== 'missing') return bytes;
      }
      return 'missing';
    },
  };
}

function readerOf(files: LogFiles) {
  return async (path: string, most: number) => {
    const bytes = await files.read(path, most);
    return typeof bytes === 'string' ? undefined : bytes;
  };
}

/** One temporary name: a crash leaves one file, which the next write takes over. */
function writeIn(dir: string, path: string, bytes: Uint8Array | string): void {
  const target = join(dir, path);
  makeFolder(dirname(target));
  writePrivate(target, bytes, { aside: join(dir, '.write.tmp'), isFlushed: false });
}

/** Records are as confidential here as at the ledger. */
function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}
