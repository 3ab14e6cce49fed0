import type { wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';

/** What of an entry is counted: it outlives the log. */
export interface Counted {
  readonly event: string;
  readonly decision: string;
  readonly category: string;
}

/** @param record null: erased */
export function countEntry(event: string, record: wire.RecordFrame | null): Counted {
  return { event, decision: record?.verdict?.decision ?? '', category: categoryOf(record) };
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
