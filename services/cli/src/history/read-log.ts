import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseVkey, verifyLog } from '@entente/audit';
import { wire } from '@entente/contract';
import { openForReading } from '@entente/runtime';
import { databaseOf, imageOf, type LogSource, originOf } from './log-source.js';

/** An entry with its record. What is wrong with either stands in the faults of the log. */
export interface LoggedEntry {
  readonly index: number;
  readonly leaf: wire.LeafFrame;
  /** Null: erased, or not what was logged. */
  readonly record: wire.RecordFrame | null;
}

export interface ReadLog {
  readonly origin: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  readonly erased: number;
  /** All that speaks against the log itself: files, hashes, signature, times, records. */
  readonly faults: readonly LogFault[];
}

export interface LogFault {
  /** Null: the fault is of a file, not of an entry. */
  readonly index: number | null;
  readonly code: string;
  readonly detail: string;
}

/** Called now and then with the entries that are done, and all that there are. */
export type OnProgress = (done: number, size: number) => void;

/** The schema of `ledger.sqlite` that is known here; only the tables `entry` and `approval` are read. */
export const LEDGER_SCHEMA = 3;
const PAGE = 256;

/**
 * Reads a whole log in order, each entry with its record. The leaves come from the log's files, and hold once all is read; the
 * records come from the ledger's database, and each is checked against what its leaf commits to. Keeps one page in memory.
 * @throws Error if there is no log, or its checkpoint is not of this key
 */
export async function readLog(
  source: LogSource,
  visit: (entry: LoggedEntry) => void | Promise<void>,
  onProgress: OnProgress = () => undefined,
): Promise<ReadLog> {
  const database = openForReading(databaseOf(source), LEDGER_SCHEMA);
  try {
    const faults: LogFault[] = [];
    const readRow = pagedRows(database);
    let lastMs = 0;
    const erased = new Set<number>();
    const named = new Set(erasedLater(source));
    const onEntry = (index: number, bytes: Uint8Array, size: number) => {
      const fault = (code: string, detail: string) => void faults.push({ index, code, detail });
      if (index % PAGE === 0) onProgress(index, size);
      const leaf = decode(() => wire.leaf.decode(bytes));
      if (!leaf) return fault('leaf-malformed', 'the leaf cannot be decoded');
      if (leaf.timeMs < lastMs) fault('time-goes-back', 'it is older than the entry before it');
      lastMs = Math.max(lastMs, leaf.timeMs);
      const row = readRow(index);
      if (row?.record === null) erased.add(index);
      const record = openRecord(source, leaf, row, fault);
      for (const one of (record?.past ? null : record?.erasure)?.indices ?? []) named.add(one);
      return visit({ index, leaf, record });
    };
    const key = parseVkey(source.vkey);
    const report = await verifyLog(imageOf(source), { key, origin: key.name, onEntry });
    const ofFiles = report.faults.map(({ code, path, detail }) => ({
      index: null,
      code,
      detail: `${path}: ${detail}`,
    }));
    const root = Buffer.from(report.root).toString('hex');
    const unsaid = differences(erased, named);
    return {
      ...{ origin: report.origin, size: report.size, root, erased: erased.size },
      faults: [...ofFiles, ...faults, ...unsaid],
    };
  } finally {
    database.close();
  }
}

/**
 * What the logs that followed say was erased in this one. That their records are what was logged is found when they are read
 * themselves; a word that is not costs this log a fault at most.
 */
function* erasedLater(source: LogSource): Generator<number> {
  const { logs = [] } = source;
  const origin = originOf(source);
  const later = logs.slice(logs.findIndex((log) => log.origin === origin) + 1);
  for (const { dir } of later.filter(({ remains }) => remains === null)) {
    const database = openForReading(join(dir, 'ledger.sqlite'), LEDGER_SCHEMA);
    try {
      const said = database.prepare(
        "SELECT record FROM entry WHERE message_hash = x'' AND stage = 'erasure'",
      );
      for (const { record: bytes } of said.all()) {
        const record = bytes && decode(() => wire.record.decode(bytes as Uint8Array));
        if (record && record.past?.origin === origin) yield* record.erasure?.indices ?? [];
      }
    } finally {
      database.close();
    }
  }
}

/** INVARIANT: a record is gone if, and only if, an entry of the log says that and why it was erased. */
function differences(erased: ReadonlySet<number>, named: ReadonlySet<number>): LogFault[] {
  const gone = [...erased].filter((index) => !named.has(index));
  const still = [...named].filter((index) => !erased.has(index));
  return [
    ...gone.map((index) => ({
      index,
      code: 'erased-without-entry',
      detail: 'no entry says why its record is gone',
    })),
    ...still.map((index) => ({
      index,
      code: 'not-erased',
      detail: 'an entry says that it was erased, and it is still there',
    })),
  ];
}

interface Row {
  readonly salt: Uint8Array | null;
  readonly record: Uint8Array | null;
}

function openRecord(
  { nation }: LogSource,
  leaf: wire.LeafFrame,
  row: Row | undefined,
  fault: (code: string, detail: string) => void,
): wire.RecordFrame | null {
  if (!row) {
    fault('record-missing', 'the database does not have this entry');
    return null;
  }
  const { salt, record: bytes } = row;
  if (bytes === null) return null;
  const commitment = createHash('sha256')
    .update(salt ?? '')
    .update(bytes)
    .digest();
  if (salt?.length !== 16 || !commitment.equals(leaf.commitment)) {
    fault('record-mismatch', 'the record is not the one that was logged');
    return null;
  }
  const record = decode(() => wire.record.decode(bytes));
  if (!record) fault('record-malformed', 'the record cannot be decoded');
  else if (record.nation !== nation) fault('wrong-nation', `the record is of ${record.nation.slice(0, 2)}`);
  else if (record.event !== leaf.event) fault('event-mismatch', 'leaf and record name different events');
  return record ?? null;
}

function decode<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function pagedRows(database: ReturnType<typeof openForReading>): (index: number) => Row | undefined {
  const page = database.prepare(
    'SELECT idx, salt, record FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx',
  );
  let rows = new Map<number, Row>();
  let from = -1;
  return (index) => {
    const start = index - (index % PAGE);
    if (start !== from) {
      from = start;
      rows = new Map(
        page
          .all(start, start + PAGE)
          .map(({ idx, salt, record }) => [
            Number(idx),
            { salt: salt as Uint8Array | null, record: record as Uint8Array | null },
          ]),
      );
    }
    return rows.get(index);
  };
}
