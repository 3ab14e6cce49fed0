import { wire } from '@entente/contract';
import type { LoggedEntry } from './read-log.js';

/** The two ends of a log, as far as they can be read. */
export interface LogEnds {
  readonly first: wire.RecordFrame | null;
  readonly last: wire.RecordFrame | null;
  /** What names its successor; its last entry, unless somebody went on after it. */
  readonly closed: wire.RecordFrame | null;
  readonly size: number;
}

/** The same for a file: records as base64. */
export interface SavedEnds {
  readonly first: string | null;
  readonly last: string | null;
  readonly closed: string | null;
  readonly size: number;
}

/** Keeps the two ends of a log whose entries are taken in their order. */
export function createLogEnds(saved?: SavedEnds) {
  let ends: LogEnds = saved
    ? { ...saved, first: decode(saved.first), last: decode(saved.last), closed: decode(saved.closed) }
    : { first: null, last: null, closed: null, size: 0 };
  return {
    visit: ({ index, record }: LoggedEntry): void => {
      ends = {
        first: index === 0 ? record : ends.first,
        last: record,
        closed: record?.event === 'log-closed' ? record : ends.closed,
        size: index + 1,
      };
    },
    save: (): SavedEnds => ({
      ...{ first: encode(ends.first), last: encode(ends.last), closed: encode(ends.closed) },
      size: ends.size,
    }),
    result: (): LogEnds => ends,
  };
}

function encode(record: wire.RecordFrame | null): string | null {
  return record && Buffer.from(wire.record.encode(record)).toString('base64');
}

function decode(text: string | null): wire.RecordFrame | null {
  return text === null ? null : wire.record.decode(Buffer.from(text, 'base64'));
}
