import { AuditError } from './error.js';

/** The longest entry that a log of tiles can hold, in bytes (C2SP tlog-tiles). */
export const MAX_ENTRY_BYTES = 65_535;

/**
 * Writes a bundle: each entry after its length, a big-endian uint16 (C2SP tlog-tiles).
 *
 * @throws AuditError `entry-too-large`
 */
export function encodeBundle(entries: readonly Uint8Array[]): Buffer {
  const bundle = Buffer.allocUnsafe(entries.reduce((sum, { length }) => sum + PREFIX_BYTES + length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) {
      throw new AuditError('entry-too-large', `An entry has more than ${MAX_ENTRY_BYTES} bytes.`);
    }
    bundle.set(entry, bundle.writeUInt16BE(entry.length, at));
    at += PREFIX_BYTES + entry.length;
  }
  return bundle;
}

/**
 * Reads a bundle of exactly `count` entries. The entries are views of `bundle`.
 *
 * @throws AuditError `bundle-malformed`
 */
export function decodeBundle(bundle: Uint8Array, count: number): Buffer[] {
  const bytes = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.length);
  const entries: Buffer[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const start = at + PREFIX_BYTES;
    const end = start <= bytes.length ? start + bytes.readUInt16BE(at) : Number.POSITIVE_INFINITY;
    if (end > bytes.length) {
      throw new AuditError('bundle-malformed', `The bundle ends within entry ${i} of ${count}.`);
    }
    entries.push(bytes.subarray(start, end));
    at = end;
  }
  if (at !== bytes.length) {
    throw new AuditError('bundle-malformed', `The bundle goes on after its ${count} entries.`);
  }
  return entries;
}

const PREFIX_BYTES = 2;
