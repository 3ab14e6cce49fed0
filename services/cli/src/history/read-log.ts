import { setTimeout as delay } from 'node:timers/promises';
import {
  type LogProgress,
  type LogReport,
  parseVkey,
  TILE_WIDTH,
  type VerifyLogOptions,
  verifyLog,
} from '@entente/audit';
import type { wire } from '@entente/contract';
import { checkCheckpoints, gatherCheckpoints } from './check-checkpoints.js';
import type { ErasedFor, Erasure } from './count-erased.js';
import { createEntryReader } from './entry-reader.js';
import { erasedLater } from './erased-later.js';
import { createFaultList, mergeFaults, type SavedFaults } from './fault-list.js';
import { archiveFetcher } from './fetch-archive.js';
import { FILES_BEHIND_MS } from './files-behind.js';
import type { FindingCode } from './finding-code.js';
import type { IndexRange } from './index-set.js';
import { imageOf, type LogSource, logFilesOf, originOf } from './log-source.js';
import { namingPlace } from './name-place.js';
import { openRecords } from './open-records.js';

/** An entry with its record. What is wrong with either stands in the faults of the log. */
export interface LoggedEntry {
  readonly index: number;
  readonly leaf: wire.LeafFrame;
  /** Null: erased, or not what was logged. */
  readonly record: wire.RecordFrame | null;
  /** The record as it was logged, and its salt; absent where there is none. Views that live as long as this call. */
  readonly bytes?: Uint8Array;
  readonly salt?: Uint8Array;
}

export interface ReadLog {
  readonly origin: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  readonly erased: number;
  /** Of those, as far as entries say why. */
  readonly reasons: readonly ErasedFor[];
  /** Earlier checkpoints of this log that its tree was held against. */
  readonly checkpoints: number;
  /** All that speaks against the log itself: files, hashes, signature, checkpoints, times, records. */
  readonly faults: readonly LogFault[];
}

export interface LogFault {
  /** Null: the fault is of a file, not of an entry. */
  readonly index: number | null;
  readonly code: FindingCode;
  readonly detail: string;
  /** The member that has said it, where it speaks against its word and not against the log. */
  readonly saidBy?: string;
}

/** Called now and then with the entries that are done, and all that there are. */
export type OnProgress = (done: number, size: number) => void;

/** Where a reading stands after some full bundles. */
export interface ReadProgress {
  readonly log: LogProgress;
  readonly lastMs: number;
  readonly erased: number;
  readonly reasons: readonly ErasedFor[];
  readonly gone: readonly IndexRange[];
  readonly still: readonly IndexRange[];
  readonly faults: SavedFaults;
}

export interface ReadOptions {
  readonly onProgress?: OnProgress | undefined;
  readonly from?: ReadProgress | undefined;
  readonly onBundle?: (done: number, size: number, save: () => ReadProgress) => void | Promise<void>;
  /** Checkpoints of this log that somebody has seen, signed notes. */
  readonly seen?: readonly string[];
  /** Told the root that the first `size` entries give, if there are as many and they can be read. */
  readonly rootAt?: { readonly size: number; readonly tell: (root: Uint8Array) => void } | undefined;
  /** The signed note that it is read under; again where it is read on under a later one. */
  readonly onCheckpoint?: (note: string) => void;
}

/** A log that is written meanwhile may have erased what was read before: so often its new entries are asked for the reason. */
const MOST_ROUNDS = 5;

/**
 * Reads a whole log in order, each entry with its record. The leaves come from the log's files, and hold once all is read; each
 * record is checked against what its leaf commits to. Keeps two bundles in memory, whatever the size of the log.
 * @throws Error if there is no log, or its checkpoint is not of this key; Unreachable
 */
export async function readLog(
  source: LogSource,
  visit: (entry: LoggedEntry) => void | Promise<void>,
  { onProgress = () => undefined, from, onBundle, seen = [], rootAt, onCheckpoint }: ReadOptions = {},
): Promise<ReadLog> {
  const files = logFilesOf(source);
  const key = parseVkey(source.vkey);
  const log = { files, key, origin: key.name };
  const broken = createFaultList();
  const records = openRecords(source, files, ({ message }) =>
    broken.add({ index: null, code: 'database-malformed', detail: `ledger.sqlite: ${message}` }),
  );
  try {
    const fetch = archiveFetcher(source.remote && source.archive[0], files);
    const reader = createEntryReader(source.nation, { ...from, visit, records, fetch });
    // Before the checkpoint of now: what is kept later belongs to a larger tree.
    const kept = await gatherCheckpoints(log, seen);
    const rootsAt = [...new Set([...kept.sizes, ...(rootAt ? [rootAt.size] : [])])].sort((a, b) => a - b);
    let report: LogReport | undefined;
    let last = from?.log;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const before = report?.size;
      const given = new Map<number, Uint8Array>();
      const options = {
        ...{ key, origin: key.name, from: last, rootsAt, onCheckpoint },
        onRoot: (size, root) => void given.set(size, root),
        onEntry: (index, bytes, size) => {
          if (index % TILE_WIDTH === 0) onProgress(index, size);
          return reader.read(index, bytes, size);
        },
        onBundle: (done, size, save) => {
          // The last full bundle is where a next round goes on: what comes after it may still grow.
          if (size - done < TILE_WIDTH) last = save();
          return onBundle?.(done, size, () => reader.save(save()));
        },
      } satisfies VerifyLogOptions;
      report = await namingPlace(imageOf(source), source.vkey, () => verifyLog(files, options));
      kept.take(given);
      const wanted = rootAt && given.get(rootAt.size);
      if (wanted) rootAt.tell(wanted);
      for (const said of erasedLater(source)) reader.explain(said);
      if (reader.isExplained() || report.size === before) break;
      await delay(FILES_BEHIND_MS);
    }
    if (!report) throw new Error('a log has at least one round');
    if (!reader.isExplained()) await askOthers(source, reader.explain);
    const earlier = await checkCheckpoints(log, kept, report);
    const ofFiles = report.faults.map(({ code, path, detail }) => ({
      index: null,
      code,
      detail: `${path}: ${detail}`,
    }));
    return {
      ...{ origin: report.origin, size: report.size, root: Buffer.from(report.root).toString('hex') },
      ...{ erased: reader.erased(), reasons: reader.reasons(), checkpoints: earlier.checked },
      faults: mergeFaults(...[ofFiles, broken.list(), earlier.faults], await reader.faults(report.size)),
    };
  } finally {
    records.close();
  }
}

/** Where a log is not read beside those that followed it, they are read as well once something of it is gone without a reason. */
async function askOthers(source: LogSource, explain: (said: Erasure) => void): Promise<void> {
  const origin = originOf(source);
  for (const other of source.others ?? [])
    await readLog({ ...other, others: [] }, ({ record }) => {
      if (record?.event === 'erasure' && record.past?.origin === origin && record.erasure)
        explain(record.erasure);
    });
}
