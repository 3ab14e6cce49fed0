import { createHash } from 'node:crypto';
import type { PackFile } from './read-files.js';

/** Stands for what this package makes of a pack (the request, the look-ups). Raise it when decisions may change by it. */
const FORMAT = 'entente-pack-v1';

/**
 * SHA-256 (hex) over format, engine version, nation and every file's name and bytes. Each part is preceded by its length:
 * nothing can move from a name into a content, or from one file into the next, under the same hash.
 */
export function hashPack(
  nation: string,
  engine: string,
  files: readonly Pick<PackFile, 'name' | 'bytes'>[],
): string {
  const hash = createHash('sha256');
  const add = (part: string | Uint8Array) => {
    const bytes = Buffer.from(part as Uint8Array);
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(bytes.length));
    hash.update(length).update(bytes);
  };
  for (const part of [FORMAT, `cedar ${engine}`, nation]) add(part);
  for (const file of files) {
    add(file.name);
    add(file.bytes);
  }
  return hash.digest('hex');
}
