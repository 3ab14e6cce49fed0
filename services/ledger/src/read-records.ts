import { encodeRecords, TILE_WIDTH } from '@entente/audit';
import type { LedgerStore } from './store.js';

/**
 * The records beside a bundle of entries, as auditors read them. From the store at each call, never from a file: what is erased is
 * gone from here at once.
 * @returns undefined where the log does not go so far
 */
export function readRecords(
  store: Pick<LedgerStore, 'head' | 'entriesFrom'>,
  index: number,
  width: number,
): Uint8Array | undefined {
  const from = index * TILE_WIDTH;
  if (from + width > store.head().size) return undefined;
  return encodeRecords(
    store.entriesFrom(from, width).map(({ salt, record }) => (salt && record ? { salt, record } : undefined)),
  );
}
