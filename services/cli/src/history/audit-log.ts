import {
  type Checkpoint,
  openCheckpoint,
  parseVkey,
  proveContinues,
  readCheckpointOf,
  rootOfProgress,
  TILE_WIDTH,
} from '@entente/audit';
import { UsageError } from '../usage.js';
import { type AuditProgress, type AuditState, ownerOf, readState, writeState } from './audit-state.js';
import { createEntryChecker } from './check-entries.js';
import { createSayers } from './check-sayers.js';
import { checkSuccession } from './check-succession.js';
import { checkTables } from './check-tables.js';
import { mergeFaults } from './fault-list.js';
import type { FindingCode } from './finding-code.js';
import { headerIn } from './header-in.js';
import { createLogEnds } from './log-ends.js';
import { databaseOf, imageOf, type LogSource, logFilesOf } from './log-source.js';
import { namingPlace } from './name-place.js';
import { type LoggedEntry, type OnProgress, type ReadLog, readLog } from './read-log.js';
import { createReplayer, type Decided } from './replayer.js';
import { wordsProved } from './words-of-members.js';

export interface Audit extends ReadLog {
  readonly nation: string;
  /** Signatures that hold. */
  readonly seals: number;
  /** Null: the rules were not asked again. */
  readonly decided: Omit<Decided, 'faults' | 'words'> | null;
  /** Entries that an earlier run had read: their files were not read again. */
  readonly resumedAt: number;
}

export interface AuditOptions {
  /** Whether each verdict is asked again. */
  readonly verdicts: boolean;
  /** File that keeps where it stands, every few seconds and at the end, and what the log has signed; what is in it is gone on with. */
  readonly state?: string | undefined;
  /** Checkpoints of this log that somebody has seen, signed notes. */
  readonly seen?: readonly string[];
  readonly onProgress?: OnProgress | undefined;
  /** Ends it at the next bundle, with its state kept. */
  readonly signal?: AbortSignal | undefined;
  readonly saveEveryMs?: number;
  /** Of this machine; beyond two, further threads take part after so many messages. */
  readonly cores?: number;
  readonly workersAfter?: number;
}

/** It was asked to stop; the state says where. */
export class AuditStopped extends Error {}

/**
 * Checks a whole log in one pass: files, hashes and checkpoints; each record against its leaf; the signature of every seal; and,
 * where asked, each verdict under the pack of that day.
 * @throws UsageError without trust anchors; AuditStopped; Error if there is no log, or its checkpoint is not of this key
 */
export async function auditLog(source: LogSource, options: AuditOptions): Promise<Audit> {
  const { verdicts, state: path, seen = [], onProgress, signal, saveEveryMs = 2000 } = options;
  const { anchors, nation, archive } = source;
  if (anchors === null) throw new UsageError('Name the trust anchors with --anchors.');
  const owner = ownerOf(source, verdicts);
  const state = path === undefined ? undefined : readState(path, owner);
  if (state) {
    const other = await otherHistory(source, state, openNotes(`${path}`, source.vkey, state.checkpoints));
    if (other) return { ...other, nation };
  }
  const { cores, workersAfter } = options;
  const checker = createEntryChecker({
    ...{ nation, archive, anchors, verdicts, saved: state?.done?.checks, cores, workersAfter },
  });
  const replayer = verdicts ? createReplayer(source, state?.done?.replay ?? undefined) : undefined;
  const ends = createLogEnds(state?.done?.ends);
  const sayers = createSayers(state?.done?.sayers);
  const visit = (entry: LoggedEntry) => {
    const header = entry.record ? headerIn(entry.record) : undefined;
    ends.visit(entry);
    sayers.visit(entry, header);
    replayer?.visit(entry);
    return checker.visit(entry, header);
  };
  const signed = state?.checkpoints ?? [];
  let savedAtMs = performance.now();
  let done: AuditProgress | null = state?.done ?? null;
  let note = '';
  try {
    const read = await readLog(source, visit, {
      ...{ onProgress, from: state?.done?.read, seen: [...signed, ...seen] },
      onCheckpoint: (now) => {
        note = now;
      },
      onBundle: async (at, size, save) => {
        if (path === undefined) return signal?.throwIfAborted();
        const isDue =
          performance.now() - savedAtMs >= saveEveryMs || size - at < TILE_WIDTH || signal?.aborted;
        if (!isDue) return;
        await checker.settle();
        done = {
          read: save(),
          checks: checker.save(),
          replay: replayer?.save() ?? null,
          ends: ends.save(),
          sayers: sayers.save(),
        };
        writeState(path, { of: owner, checkpoints: [...new Set([...signed, note])], done });
        savedAtMs = performance.now();
        if (signal?.aborted) throw new AuditStopped(`stopped at entry ${at} of ${size}; ${path} knows where`);
      },
    });
    await checker.settle();
    const { seals, faults } = checker.result();
    const { faults: differing = [], words = [], ...decided } = replayer?.result() ?? {};
    const broken = await checkSuccession(source, ends.result(), read);
    const database = databaseOf(source);
    const kept = database === undefined ? [] : await checkTables(database, source.vkey, read);
    if (path !== undefined) {
      // INVARIANT: what a log has signed is forgotten only for what continues it. Else the next audit would find nothing.
      const isContinued = !read.faults.some(({ code }) => BROKEN_OFF.includes(code));
      writeState(path, state && !isContinued ? state : { of: owner, checkpoints: [note], done });
    }
    const own = mergeFaults(read.faults, kept, faults, differing, broken);
    return {
      ...{ ...read, nation, seals, resumedAt: state?.done?.read.log.done ?? 0 },
      decided: replayer ? (decided as Audit['decided']) : null,
      faults: mergeFaults(own, wordsProved([...sayers.faults(), ...words], own)),
    };
  } finally {
    await checker.close();
  }
}

/** @throws UsageError */
function openNotes(path: string, vkey: string, notes: readonly string[]): Checkpoint[] {
  const key = parseVkey(vkey);
  try {
    return notes.map((note) => openCheckpoint(note, key, key.name));
  } catch (error) {
    throw new UsageError(
      `${path} cannot be gone on with: ${(error as Error).message} Remove it to begin anew.`,
    );
  }
}

const BROKEN_OFF: readonly string[] = ['checkpoint-mismatch', 'checkpoint-beyond'];

/**
 * INVARIANT: an audit goes on only with the log that it began with. What the log had signed then, and the entries that were read, are
 * proved to be the first of the log of now; where the tiles do not show it, all that follows is read, and the signed root decides.
 * @returns what speaks against that
 */
async function otherHistory(
  source: LogSource,
  { done }: AuditState,
  signed: readonly Checkpoint[],
): Promise<Omit<Audit, 'nation'> | undefined> {
  const key = parseVkey(source.vkey);
  const files = logFilesOf(source);
  const readPath = async (path: string, most: number) => {
    const bytes = await files.read(path, most);
    return typeof bytes === 'string' ? undefined : bytes;
  };
  const { checkpoint } = await namingPlace(imageOf(source), source.vkey, () =>
    readCheckpointOf(readPath, key, key.name),
  );
  const no = (code: FindingCode, detail: string) => ({
    ...{ origin: key.name, size: checkpoint.size, root: Buffer.from(checkpoint.root).toString('hex') },
    ...{
      erased: 0,
      reasons: [],
      checkpoints: 0,
      seals: 0,
      decided: null,
      resumedAt: done?.read.log.done ?? 0,
    },
    faults: [{ index: null, code, detail }],
  });
  const most = Math.max(done?.read.log.done ?? 0, ...signed.map(({ size }) => size));
  if (checkpoint.size < most) return no('rollback', `it had ${most} entries, and shows ${checkpoint.size}`);
  const another = (size: number) =>
    no('another-history', `its first ${size} entries are not those that were read before`);
  // Of another size: the entries themselves show it, as with each checkpoint that somebody has seen.
  if (signed.some((one) => one.size === checkpoint.size && Buffer.compare(one.root, checkpoint.root) !== 0))
    return another(checkpoint.size);
  if (!done) return undefined;
  const read = { origin: key.name, size: done.read.log.done, root: rootOfProgress(done.read.log) };
  try {
    await proveContinues(readPath, read, checkpoint);
    return undefined;
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === 'node-missing') return undefined;
    if (code !== 'consistency-invalid') throw error;
    return another(read.size);
  }
}
