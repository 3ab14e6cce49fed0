import {
  AuditError,
  type Checkpoint,
  type LogFiles,
  MAX_NOTE_BYTES,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  parseVkey,
  readEntryAt,
  TILE_WIDTH,
  widthAt,
} from '@entente/audit';
import { wire } from '@entente/contract';
import { UsageError } from '../usage.js';
import { openRecord } from './entry-reader.js';
import { Unreachable } from './http-files.js';
import { type LogSource, logFilesOf, originOf } from './log-source.js';
import { openRecords } from './open-records.js';

/** What an end of a log says. */
export type LogEnd = Pick<wire.RecordFrame, 'event' | 'succession'>;

/** The log before or after one that is audited, as far as it is shown to this auditor. */
export interface Neighbour {
  /** Null: what stands there is not this log's. */
  readonly checkpoint: Checkpoint | null;
  /** Undefined: it is not for this auditor, or nothing proves that it stands there. */
  readonly end: (which: 'first' | 'last') => Promise<LogEnd | undefined>;
}

/**
 * Reads what a log shows that the audited one names as the one before or after it: where the auditor has named it too, under its key;
 * else where a ledger shows each of its logs, under its origin. There nobody has said what its key is: what it shows can
 * contradict the audited log, and proves nothing.
 * @returns undefined: it is not shown, as one whose time was over, or nobody knows where
 * @throws Unreachable, of a log that was named
 */
export async function readNeighbour(source: LogSource, origin: string): Promise<Neighbour | undefined> {
  const named = source.others?.find((other) => originOf(other) === origin);
  const place = named ?? beside(source, origin);
  if (!place) return undefined;
  const files = logFilesOf(place);
  const ask = <T>(work: Promise<T>) => work.catch((error: unknown) => noAnswer(error, named !== undefined));
  const note = await ask(files.read('checkpoint', MAX_NOTE_BYTES));
  if (note === undefined || note === 'missing') return undefined;
  const checkpoint = note === 'malformed' ? null : openNote(note.toString('utf8'), origin, named);
  if (!checkpoint) return named && { checkpoint: null, end: async () => undefined };
  return {
    checkpoint,
    end: async (which) =>
      await ask(readEnd(place, files, which === 'first' ? 0 : checkpoint.size - 1, checkpoint)),
  };
}

/** What answers below an address for a log that nobody has named there need not be a ledger. */
function noAnswer(error: unknown, isNamed: boolean): undefined {
  const isSilent = error instanceof Unreachable && !isNamed;
  if (isSilent || error instanceof AuditError || error instanceof UsageError) return undefined;
  throw error;
}

/**
 * Where the ledger of this log would show another one of it. The name comes from the log, so that whoever wrote it must not choose
 * what else is asked for there, with the auditors' token.
 */
function beside(source: LogSource, origin: string): LogSource | undefined {
  const { remote } = source;
  if (!remote || !ORIGIN.test(origin)) return undefined;
  const own = `/${originOf(source)}`;
  const shown = remote.base.replace(/\/+$/, '');
  const base = `${shown.endsWith(own) ? shown.slice(0, -own.length) : shown}/${origin}`;
  return { ...source, dir: base, remote: { ...remote, base } };
}

/** As a ledger's settings allow it, and no way up or out. */
const ORIGIN = /^(?=.{3,100}$)[a-z0-9-][a-z0-9.-]*(?:\/[a-z0-9-][a-z0-9.-]*)*$/;

function openNote(note: string, origin: string, named: LogSource | undefined): Checkpoint | null {
  try {
    if (named) return openCheckpoint(note, parseVkey(named.vkey), origin);
    const checkpoint = parseCheckpoint(parseNote(note).text);
    return checkpoint.origin === origin ? checkpoint : null;
  } catch (error) {
    if (error instanceof AuditError) return null;
    throw error;
  }
}

/** @throws AuditError if it is not shown, or not proved by the checkpoint */
async function readEnd(
  place: LogSource,
  files: LogFiles,
  index: number,
  checkpoint: Checkpoint,
): Promise<LogEnd | undefined> {
  const leaf = decodeLeaf(await readEntryAt(files, index, checkpoint));
  const records = openRecords(place, files);
  try {
    const bundle = Math.floor(index / TILE_WIDTH);
    await records.load(bundle, widthAt('entries', bundle, checkpoint.size));
    const record = openRecord(place.nation, leaf, records.row(index), () => undefined);
    if (record) return record;
    // The leaf says as much, and is there also where its record was erased.
    return ABOUT_LOGS.includes(leaf.event) ? undefined : { event: leaf.event, succession: null };
  } finally {
    records.close();
  }
}

function decodeLeaf(bytes: Uint8Array): wire.LeafFrame {
  try {
    return wire.leaf.decode(bytes);
  } catch {
    return { event: '', timeMs: 0, commitment: new Uint8Array() };
  }
}

const ABOUT_LOGS = ['log-opened', 'log-closed'];
