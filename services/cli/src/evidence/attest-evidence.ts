import {
  AuditError,
  type Checkpoint,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  parseProof,
  parseVkey,
  proveContinues,
  readLogAt,
  witnessesOf,
} from '@entente/audit';
import { wire } from '@entente/contract';
import type { Directory } from '@entente/members';
import { counted } from '../print.js';
import { MOST_CHECKPOINTS } from './judge-checkpoints.js';

/** Where a log is read, and where what others have said of it: addresses with http or https, or folders. */
export interface LogPlaces {
  /** The log itself. */
  readonly logs: readonly string[];
  /** Public addresses of monitors; those of the directory are asked as well. */
  readonly monitors: readonly string[];
}

export interface Attested {
  readonly bytes: Uint8Array;
  /** What was added, and what could not be, a line each. */
  readonly words: readonly string[];
  /** Every log with entries in the file has a later checkpoint that covers them. */
  readonly isComplete: boolean;
}

type Later = wire.EvidenceFileFrame['checkpoints'][number];

/**
 * Adds to an evidence file what witnesses and time stamp authorities have said since about the logs that its entries stand in, with the
 * proof that those logs have only grown. What is added is signed by others; whoever answers at these places can hold back, no more.
 */
export async function attestEvidence(
  bytes: Uint8Array,
  directory: Directory,
  places: LogPlaces,
): Promise<Attested> {
  const file = wire.evidenceFile.decode(bytes);
  const words: string[] = [];
  const checkpoints = new Map(file.checkpoints.map((one) => [Buffer.from(one.note).toString('latin1'), one]));
  let isComplete = true;
  for (const [origin, entries] of byOrigin(file)) {
    const found = await laterOf(origin, entries, directory, places);
    for (const one of found) checkpoints.set(Buffer.from(one.note).toString('latin1'), one);
    isComplete &&= found.length > 0;
    words.push(
      found.length > 0
        ? `${origin}: ${counted(found.length, 'later checkpoint')}, ${counted(found.flatMap(({ stamps }) => stamps).length, 'time stamp')}`
        : `${origin}: no later checkpoint that covers all entries was found; try again in a while`,
    );
  }
  const attested = { ...file, checkpoints: [...checkpoints.values()].slice(-MOST_CHECKPOINTS) };
  return { bytes: wire.evidenceFile.encode(attested), words, isComplete };
}

/** The checkpoints that prove the file's entries, each once; what cannot be read is for `verify` to say. */
function byOrigin(file: wire.EvidenceFileFrame): Map<string, Map<number, Checkpoint>> {
  const logs = new Map<string, Map<number, Checkpoint>>();
  for (const { proof } of file.messages.flatMap(({ entries }) => entries)) {
    const checkpoint = unlessMalformed(() => parseCheckpoint(parseNote(parseProof(proof).checkpoint).text));
    if (!checkpoint) continue;
    const log = logs.get(checkpoint.origin) ?? new Map<number, Checkpoint>();
    logs.set(checkpoint.origin, log.set(checkpoint.size, checkpoint));
  }
  return logs;
}

/** @param entries the checkpoints that prove them, by size */
export async function laterOf(
  origin: string,
  entries: ReadonlyMap<number, Checkpoint>,
  directory: Directory,
  { logs, monitors }: LogPlaces,
): Promise<Later[]> {
  const owner = [...directory.nations.keys()].find((nation) => directory.ledger(nation, origin));
  const vkey = owner && directory.ledger(owner, origin)?.vkey;
  if (!owner || !vkey) return [];
  const own = witnessesOf([...directory.nations.values()].map(({ part }) => part));
  // A nation's own monitor shows what others have cosigned of its log.
  const urls = [...monitors, ...own.filter(({ nation }) => nation === owner).map(({ url }) => url)];
  const most = Math.max(...entries.keys());
  const found: Later[] = [];
  for (const { note, stamps } of await readNotes(urls, origin, most)) {
    const checkpoint = unlessMalformed(() => openCheckpoint(note, parseVkey(vkey), origin));
    if (!checkpoint || checkpoint.size < most) continue;
    const continues = await continuesOf([...entries.values()], checkpoint, logs);
    if (continues) found.push({ note: Buffer.from(note), stamps, continues });
  }
  return found;
}

interface NoteWithStamps {
  readonly note: string;
  readonly stamps: readonly Uint8Array[];
}

const MOST_BYTES = 512 * 1024;

/** The newest one that is cosigned, and the first one with a time stamp: together where they are the same. */
async function readNotes(urls: readonly string[], origin: string, size: number): Promise<NoteWithStamps[]> {
  const notes = new Map<string, NoteWithStamps>();
  for (const url of new Set(urls)) {
    const read = async (path: string) =>
      (
        await readLogAt(url)(`${encodeURIComponent(origin)}/${path}`, MOST_BYTES).catch(unlessUnreachable)
      )?.toString();
    const stamped = parseStamped(await read(`stamped/${size}`));
    if (stamped) notes.set(stamped.note, stamped);
    const note = await read('checkpoint');
    if (note && !notes.has(note)) notes.set(note, { note, stamps: [] });
  }
  return [...notes.values()];
}

function parseStamped(text: string | undefined): NoteWithStamps | undefined {
  if (!text) return undefined;
  const { note, stamps } = readJson(text);
  if (typeof note !== 'string' || !Array.isArray(stamps)) return undefined;
  return { note, stamps: stamps.slice(0, MOST_CHECKPOINTS).map((one) => Buffer.from(String(one), 'base64')) };
}

function readJson(text: string): { readonly note?: unknown; readonly stamps?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** @returns undefined where none of the places shows it */
async function continuesOf(
  entries: readonly Checkpoint[],
  later: Checkpoint,
  logs: readonly string[],
): Promise<Later['continues'] | undefined> {
  for (const log of logs) {
    try {
      const continues: Later['continues'][number][] = [];
      for (const entry of entries.filter(({ size }) => size < later.size))
        continues.push({
          size: entry.size,
          hashes: [...(await proveContinues(readLogAt(log), entry, later))],
        });
      return continues;
    } catch (error) {
      // Another log is shown there, or nothing now.
      if (!(error instanceof AuditError)) throw error;
    }
  }
  return undefined;
}

function unlessUnreachable(error: unknown): undefined {
  if (error instanceof AuditError) return undefined;
  throw error;
}

function unlessMalformed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    return unlessUnreachable(error);
  }
}
