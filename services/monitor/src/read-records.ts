import {
  decodeBundle,
  decodeRecords,
  MAX_ENTRY_BYTES,
  maxRecordsBytes,
  type ReadLogPath,
  readLogAt,
  recordsPath,
  type SaltedRecord,
  TILE_WIDTH,
  tilePath,
  widthAt,
} from '@entente/audit';

/** An entry with what its leaf commits to, as a ledger shows both to auditors. */
export interface ShownEntry {
  readonly leaf: Uint8Array;
  /** Undefined: erased, says the ledger. */
  readonly salted: SaltedRecord | undefined;
}

/**
 * Reads the entries of a log from an index on, with their records, as its ledger shows them to auditors.
 * @param url of the log
 * @param size of the log, at least
 * @returns those up to the end of the bundle; none where the log does not show them
 * @throws AuditError `unreachable`, `bundle-malformed`
 */
export async function readRecords(
  url: string,
  token: string,
  from: number,
  size: number,
): Promise<ShownEntry[]> {
  const read = readLogAt(url, token);
  const index = Math.floor(from / TILE_WIDTH);
  const width = widthAt('entries', index, size);
  const leaves = await readBundle(read, width, {
    pathOf: (count) => tilePath({ level: 'entries', index, width: count }),
    mostBytes: (count) => count * (2 + MAX_ENTRY_BYTES),
    decode: decodeBundle,
  });
  const records = await readBundle(read, width, {
    pathOf: (count) => recordsPath({ index, width: count }),
    mostBytes: maxRecordsBytes,
    decode: decodeRecords,
  });
  if (!leaves || !records) return [];
  const all = leaves.slice(0, width).map((leaf, i) => ({ leaf, salted: records[i] }));
  return all.slice(from % TILE_WIDTH);
}

interface BundleForm<T> {
  readonly pathOf: (count: number) => string;
  readonly mostBytes: (count: number) => number;
  readonly decode: (bytes: Uint8Array, count: number) => T[];
}

/** A partial bundle, or the full one that has taken its place. */
async function readBundle<T>(
  read: ReadLogPath,
  width: number,
  { pathOf, mostBytes, decode }: BundleForm<T>,
): Promise<T[] | undefined> {
  for (const count of width < TILE_WIDTH ? [width, TILE_WIDTH] : [width]) {
    const bytes = await read(pathOf(count), mostBytes(count));
    if (bytes) return decode(bytes, count);
  }
  return undefined;
}
