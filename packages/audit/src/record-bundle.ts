import { AuditError } from './error.js';
import { parseTilePath, type TileName, tilePath } from './tile-path.js';

/** What a leaf commits to, together: SHA-256 over both is its commitment. */
export interface SaltedRecord {
  /** 16 bytes. */
  readonly salt: Uint8Array;
  readonly record: Uint8Array;
}

const SALT_BYTES = 16;
/** The longest record, in bytes. */
const MAX_RECORD_BYTES = 65_536;

/**
 * Writes the records of a bundle of entries: for each its length, a big-endian uint32, then salt and record, the very bytes whose
 * SHA-256 is the leaf's commitment. Of an erased one there is the length 0 and nothing else.
 * @throws AuditError `entry-too-large`, `out-of-range` for a salt that is none
 */
export function encodeRecords(records: readonly (SaltedRecord | undefined)[]): Buffer {
  return Buffer.concat(
    records.flatMap((one) => {
      const prefix = Buffer.alloc(PREFIX_BYTES);
      if (!one) return [prefix];
      const { salt, record } = one;
      if (salt.length !== SALT_BYTES) throw new AuditError('out-of-range', 'A salt has 16 bytes.');
      if (record.length > MAX_RECORD_BYTES)
        throw new AuditError('entry-too-large', `A record has more than ${MAX_RECORD_BYTES} bytes.`);
      prefix.writeUInt32BE(salt.length + record.length);
      return [prefix, salt, record];
    }),
  );
}

/**
 * Reads the records of exactly `count` entries, undefined where one was erased. They are views of `bundle`. Nothing here is
 * authenticated: each record is to be compared with its leaf.
 * @throws AuditError `bundle-malformed`
 */
export function decodeRecords(bundle: Uint8Array, count: number): (SaltedRecord | undefined)[] {
  const bytes = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.length);
  const records: (SaltedRecord | undefined)[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const start = at + PREFIX_BYTES;
    const length = start <= bytes.length ? bytes.readUInt32BE(at) : Number.POSITIVE_INFINITY;
    const isOne = length === 0 || (length >= SALT_BYTES && length <= SALT_BYTES + MAX_RECORD_BYTES);
    if (!isOne || start + length > bytes.length)
      throw new AuditError('bundle-malformed', `The bundle does not hold record ${i} of ${count}.`);
    const split = start + SALT_BYTES;
    at = start + length;
    records.push(
      length === 0 ? undefined : { salt: bytes.subarray(start, split), record: bytes.subarray(split, at) },
    );
  }
  if (at !== bytes.length)
    throw new AuditError('bundle-malformed', `The bundle goes on after its ${count} records.`);
  return records;
}

/** The longest bundle of so many records, in bytes. */
export function maxRecordsBytes(count: number): number {
  return count * (PREFIX_BYTES + SALT_BYTES + MAX_RECORD_BYTES);
}

/** Numbered like the bundles of entries: `tile/entries/x001/234` has its records at `records/x001/234`. */
export function recordsPath({ index, width }: Pick<TileName, 'index' | 'width'>): string {
  return tilePath({ level: 'entries', index, width }).replace(ENTRIES, RECORDS);
}

/** Reads a path; undefined if it is not exactly the one that `recordsPath` gives. */
export function parseRecordsPath(path: string): Pick<TileName, 'index' | 'width'> | undefined {
  return path.startsWith(RECORDS) ? parseTilePath(ENTRIES + path.slice(RECORDS.length)) : undefined;
}

const PREFIX_BYTES = 4;
const ENTRIES = 'tile/entries/';
const RECORDS = 'records/';
