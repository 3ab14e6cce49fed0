import type { wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';

/** What of an entry is counted: it outlives the log. */
export interface Counted {
  readonly event: string;
  readonly decision: string;
  readonly category: string;
}

/**
 * @param record null: erased
 * @param header that of the record's seal, where it was read already
 */
export function countEntry(
  event: string,
  record: wire.RecordFrame | null,
  header: wire.HeaderFrame | null = null,
): Counted {
  const category = header ? (header.facts?.category ?? '') : categoryOf(record);
  return { event, decision: record?.verdict?.decision ?? '', category };
}

/** What was rejected may have a header that nobody can read. */
function categoryOf(record: wire.RecordFrame | null): string {
  if (!record || record.seal.length === 0) return '';
  try {
    return readUnverifiedHeader(record.seal).facts?.category ?? '';
  } catch {
    return '';
  }
}
