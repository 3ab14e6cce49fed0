import { type LogProgress, TILE_WIDTH, widthAt } from '@entente/audit';
import { wire } from '@entente/contract';
import { commitmentOf } from '@entente/seal';
import { createErasedCounter, type Erasure } from './count-erased.js';
import { createFaultList } from './fault-list.js';
import type { archiveFetcher } from './fetch-archive.js';
import type { FindingCode } from './finding-code.js';
import { unlessUnreadable } from './header-in.js';
import { createIndexSet } from './index-set.js';
import type { RecordRow, Records } from './open-records.js';
import type { LogFault, LoggedEntry, ReadProgress } from './read-log.js';

interface Reading extends Partial<ReadProgress> {
  readonly visit: (entry: LoggedEntry) => void | Promise<void>;
  readonly records: Records;
  readonly fetch: ReturnType<typeof archiveFetcher>;
}

/**
 * Reads the entries of one log in their order: each leaf, its time, its record against what it commits to; and whether all that
 * is gone was erased by an entry. Keeps only what has no explanation yet.
 */
export function createEntryReader(nation: string, { visit, records, fetch, ...from }: Reading) {
  const found = createFaultList(from.faults);
  // Erased, and no entry says why yet; said to be erased, and it was still there when it was read.
  const [gone, still] = [createIndexSet(from.gone), createIndexSet()];
  // Said to be erased by an entry that cannot know of it.
  const early = new Set<number>();
  let isBeyond = false;
  let [next, lastMs, erased] = [from.log?.done ?? 0, from.lastMs ?? 0, from.erased ?? 0];

  const reasons = createErasedCounter(from.reasons);
  let loaded = '';

  const noteStill = (index: number): void => {
    if (index < next) still.add(index);
    else if (early.size < MOST_EARLY) early.add(index);
    else if (!isBeyond) {
      isBeyond = true;
      const detail = `more than ${MOST_EARLY} are said to be erased by entries that cannot know of them`;
      found.add({ index: null, code: 'not-erased', detail });
    }
  };
  for (const [first, last] of from.still ?? []) for (let at = first; at <= last; at++) noteStill(at);

  const load = (bundle: number, size: number): Promise<void> | undefined => {
    // A log that has grown may have more in the same bundle.
    const wanted = `${bundle} ${size}`;
    if (loaded === wanted) return undefined;
    loaded = wanted;
    return records.load(bundle, widthAt('entries', bundle, size));
  };

  /** INVARIANT: a record is gone if, and only if, a later entry, of this log or one that followed, says that and why it was erased. */
  const explain = (said: Erasure): void => {
    for (const index of said.indices) {
      if (gone.remove(index)) reasons.add(said);
      else noteStill(index);
    }
  };

  const readEntry = (index: number, leafBytes: Uint8Array): void | Promise<void> => {
    const fault = (code: FindingCode, detail: string) => found.add({ index, code, detail });
    const leaf = unlessUnreadable(() => wire.leaf.decode(leafBytes));
    if (!leaf) return fault('leaf-malformed', 'the leaf cannot be decoded');
    if (leaf.timeMs < lastMs) fault('time-goes-back', 'it is older than the entry before it');
    lastMs = Math.max(lastMs, leaf.timeMs);
    const row = records.row(index);
    if (row?.record === null) {
      erased += 1;
      gone.add(index);
    }
    const record = openRecord(nation, leaf, row, fault);
    // What it says of a log before this one is asked where that log is read.
    if (record?.event === 'erasure' && record.erasure && !record.past) explain(record.erasure);
    const logged = record && row?.record && row.salt ? { bytes: row.record, salt: row.salt } : {};
    const entry = { index, leaf, record, ...logged };
    const fetching = record ? fetch(record) : undefined;
    return fetching ? fetching.then(() => visit(entry)) : visit(entry);
  };

  return {
    read: (index: number, bytes: Uint8Array, size: number): void | Promise<void> => {
      // Read in the round before, whose last bundle was not full.
      if (index < next) return undefined;
      next = index + 1;
      const loading = load(Math.floor(index / TILE_WIDTH), size);
      return loading ? loading.then(() => readEntry(index, bytes)) : readEntry(index, bytes);
    },
    explain,
    isExplained: gone.isEmpty,
    erased: () => erased,
    reasons: reasons.list,
    save: (log: LogProgress): ReadProgress => ({
      ...{
        log,
        lastMs,
        erased,
        reasons: reasons.list(),
        gone: gone.ranges(),
        still: [...still.ranges(), ...[...early].map((index) => [index, index] as const)],
        faults: found.save(),
      },
    }),
    /** Once all is read. What was there when it was read may have been erased since. */
    faults: async (size: number): Promise<LogFault[]> => {
      const unsaid = createFaultList(found.save());
      for (const index of gone.indices())
        unsaid.add({ index, code: 'erased-without-entry', detail: 'no entry says why its record is gone' });
      loaded = '';
      for (const index of early) if (index < next) still.add(index);
      for (const index of still.indices()) {
        if (index >= size) continue;
        await load(Math.floor(index / TILE_WIDTH), size);
        if (records.row(index)?.record)
          unsaid.add({
            index,
            code: 'not-erased',
            detail: 'an entry says that it was erased, and it is still there',
          });
      }
      return unsaid.list();
    },
  };
}

/** No honest log has one: a lying one must not choose how much is kept. */
const MOST_EARLY = 10_000;

/** @returns null where it was erased, or is not what the leaf commits to; the latter is a fault */
export function openRecord(
  nation: string,
  leaf: wire.LeafFrame,
  row: RecordRow | undefined,
  fault: (code: FindingCode, detail: string) => void,
): wire.RecordFrame | null {
  if (!row) {
    fault('record-missing', 'there is no record beside this entry, and none was erased');
    return null;
  }
  const { salt, record: bytes } = row;
  if (bytes === null) return null;
  if (!salt || !commitsTo(leaf, salt, bytes)) {
    fault('record-mismatch', 'the record is not the one that was logged');
    return null;
  }
  const record = unlessUnreadable(() => wire.record.decode(bytes));
  if (!record) fault('record-malformed', 'the record cannot be decoded');
  else if (record.nation !== nation) fault('wrong-nation', `the record is of ${record.nation.slice(0, 2)}`);
  else if (record.event !== leaf.event) fault('event-mismatch', 'leaf and record name different events');
  return record ?? null;
}

const SALT_BYTES = 16;

function commitsTo({ commitment }: wire.LeafFrame, salt: Uint8Array, record: Uint8Array): boolean {
  return salt.length === SALT_BYTES && Buffer.from(commitmentOf(salt, record)).equals(commitment);
}
