import type { wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';

/** The header of a record's seal, unverified; undefined: it has none, or nobody can read it, which is named where the record is judged. */
export function headerIn({ seal }: Pick<wire.RecordFrame, 'seal'>): wire.HeaderFrame | undefined {
  return seal.length === 0 ? undefined : unlessUnreadable(() => readUnverifiedHeader(seal));
}

/** Undefined: it cannot be read; what that is a sign of is found where it is read. */
export function unlessUnreadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
