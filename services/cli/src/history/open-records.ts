import { decodeRecords, type LogFiles, maxRecordsBytes, recordsPath, TILE_WIDTH } from '@entente/audit';
import { isMalformed, openForReading } from '@entente/runtime';
import { databaseOf, type LogSource } from './log-source.js';

/** What lies beside an entry. */
export interface RecordRow {
  readonly salt: Uint8Array | null;
  /** Null: erased. */
  readonly record: Uint8Array | null;
}

export interface Records {
  /** Makes the records of a bundle ready; of a database at once. @param width how many of them the log has */
  readonly load: (bundle: number, width: number) => Promise<void> | undefined;
  /** Of the bundle that was loaded last; undefined where this entry has neither a record nor the place of one. */
  readonly row: (index: number) => RecordRow | undefined;
  readonly close: () => void;
}

/** The schema of `ledger.sqlite` that is known here. */
export const LEDGER_SCHEMA = 3;

/**
 * Reads the records of a log from its ledger's database, or from the files beside its tiles. Keeps one bundle in memory.
 * @param onFault told of a database that is no longer one, of which what cannot be read counts as not there; without it, that is thrown
 */
export function openRecords(
  source: LogSource,
  files: LogFiles,
  onFault: (fault: Error) => void = raise,
): Records {
  const path = databaseOf(source);
  if (path === undefined) return fromFiles(files);
  const database = unlessMalformed(() => fromDatabase(path), onFault);
  if (!database) return { load: () => undefined, row: () => undefined, close: () => undefined };
  const { load, row, close } = database;
  let isRead = true;
  return {
    load: (bundle, width) => {
      isRead = unlessMalformed(() => load(bundle, width) ?? true, onFault) !== undefined;
      return undefined;
    },
    row: (index) => (isRead ? row(index) : undefined),
    close,
  };
}

function unlessMalformed<T>(read: () => T, onFault: (fault: Error) => void): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!isMalformed(error)) throw error;
    onFault(error);
    return undefined;
  }
}

function raise(fault: Error): never {
  throw fault;
}

function fromDatabase(path: string): Records {
  const database = openForReading(path, LEDGER_SCHEMA);
  const page = database.prepare(
    'SELECT idx, salt, record FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx',
  );
  let rows: (RecordRow | undefined)[] = [];
  return {
    load: (bundle) => {
      const from = bundle * TILE_WIDTH;
      rows = [];
      for (const { idx, salt, record } of page.all(from, from + TILE_WIDTH))
        rows[Number(idx) - from] = { salt: salt as Uint8Array | null, record: record as Uint8Array | null };
      return undefined;
    },
    row: (index) => rows[index % TILE_WIDTH],
    close: () => database.close(),
  };
}

function fromFiles(files: LogFiles): Records {
  let rows: readonly RecordRow[] = [];
  return {
    load: async (index, width) => {
      rows = await readBundle(files, index, width);
    },
    row: (index) => rows[index % TILE_WIDTH],
    close: () => undefined,
  };
}

const ERASED: RecordRow = { salt: null, record: null };

/** Like a bundle of entries: where a partial one is gone, the full one has taken its place. */
async function readBundle(files: LogFiles, index: number, width: number): Promise<RecordRow[]> {
  for (const count of width < TILE_WIDTH ? [width, TILE_WIDTH] : [width]) {
    const bytes = await files.read(recordsPath({ index, width: count }), maxRecordsBytes(count));
    if (bytes === 'missing') continue;
    if (bytes === 'malformed') return [];
    return decoded(bytes, count);
  }
  return [];
}

/** What cannot be read counts as not there: the entries of it are named. */
function decoded(bytes: Buffer, count: number): RecordRow[] {
  try {
    return decodeRecords(bytes, count).map((one) => one ?? ERASED);
  } catch {
    return [];
  }
}
