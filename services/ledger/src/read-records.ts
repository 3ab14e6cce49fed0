import { encodeRecords, TILE_WIDTH } from '@entente/audit';
import type { LedgerStore } from './store.js';

/**
 * The records beside a bundle of entries, as auditors read them. From the store at each call, never from a file: what is erased is
 * gone from here at once.
 * @returns undefined where the log does not go so far
 */
export function readRecords(
  store: Pick<LedgerStore, 'head' | 'entryAt'>,
  index: number,
  width: number,
): Uint8Array | undefined {
  const from = index * TILE_WIDTH;
  if (from + width > store.head().size) return undefined;
  return encodeRecords(
    Array.from({ length: width }, (_, i) => {
      const { salt, record } = store.entryAt(from + i) ?? { salt: null, record: null };
      return salt && record ? { salt, record } : undefined;
    }),
  );
}
