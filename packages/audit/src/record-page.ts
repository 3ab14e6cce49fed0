import { wire } from '@entente/contract';
import { AuditError } from './error.js';
import { isCount } from './merkle.js';

/** An entry with what its leaf commits to; both empty where that was erased. */
export interface PagedEntry {
  readonly leaf: Uint8Array;
  readonly salt: Uint8Array;
  readonly record: Uint8Array;
}

/** Entries of a page, the last one of a log may have fewer. A page of the largest entries has 8 MB. */
export const RECORD_PAGE = 64;
export const MAX_RECORD_PAGE_BYTES = RECORD_PAGE * 130 * 1024;

/** Where a ledger shows auditors the records of the entries from `page` · 64 on. */
export function recordPagePath(page: number): string {
  return `records/${page}`;
}

/** @returns undefined if it is no such path */
export function parseRecordPagePath(path: string): number | undefined {
  const page = Number(/^records\/(0|[1-9][0-9]{0,12})$/.exec(path)?.[1] ?? Number.NaN);
  return isCount(page) ? page : undefined;
}

/** Each entry as a frame of the protocol, its length before it as four octets. */
export function encodeRecordPage(entries: readonly PagedEntry[]): Buffer {
  const frames = entries.map((entry) => wire.entry.encode({ ...entry, proof: new Uint8Array() }));
  return Buffer.concat(
    frames.flatMap((frame) => {
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32BE(frame.length);
      return [length, frame];
    }),
  );
}

/**
 * Whoever shows a log controls every byte of it: what it proves, the log's tree and the leaf's commitment say.
 * @throws AuditError `bundle-malformed`; Rejection `too-large`, `frame-malformed`
 */
export function decodeRecordPage(bytes: Uint8Array): PagedEntry[] {
  const page = Buffer.from(bytes);
  const entries: PagedEntry[] = [];
  for (let at = 0; at < page.length; ) {
    if (entries.length === RECORD_PAGE || page.length - at < LENGTH_BYTES) throw malformed();
    const [start, length] = [at + LENGTH_BYTES, page.readUInt32BE(at)];
    if (start + length > page.length) throw malformed();
    const { leaf, salt, record } = wire.entry.decode(page.subarray(start, start + length));
    entries.push({ leaf, salt, record });
    at = start + length;
  }
  return entries;
}

const LENGTH_BYTES = 4;

function malformed(): AuditError {
  return new AuditError('bundle-malformed', 'The page of records is not whole entries, 64 at most.');
}
