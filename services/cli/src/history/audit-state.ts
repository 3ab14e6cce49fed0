import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { LogProgress } from '@entente/audit';
import { withoutQuote } from '@entente/runtime';
import { UsageError } from '../usage.js';
import { writePrivate } from '../write-private.js';
import type { SavedChecks } from './check-entries.js';
import type { SavedSayers } from './check-sayers.js';
import type { SavedEnds } from './log-ends.js';
import type { LogSource } from './log-source.js';
import type { ReadProgress } from './read-log.js';
import type { SavedReplay } from './replayer.js';

/** Where an audit stands. Whoever can write it can make an audit say anything: keep it like its findings. */
export interface AuditState {
  /** What it was made by and of; nothing else goes on with it. */
  readonly of: StateOwner;
  /**
   * Signed notes. Of an audit that came to its end: the checkpoint that it was read under. While one runs, those before as well, until
   * it is known that the log continues them.
   */
  readonly checkpoints: readonly string[];
  /** Null: no bundle of the log is full yet. */
  readonly done: AuditProgress | null;
}

/** What is known after some full bundles. */
export interface AuditProgress {
  readonly read: ReadProgress;
  readonly checks: SavedChecks;
  readonly replay: SavedReplay | null;
  readonly ends: SavedEnds;
  readonly sayers: SavedSayers;
}

export interface StateOwner {
  /** Of this form, and of the rules by which findings are made: raise it with either. */
  readonly format: number;
  readonly nation: string;
  readonly vkey: string;
  readonly verdicts: boolean;
  /** Of the trust anchors, hex. */
  readonly anchorsSha256: string;
}

const FORMAT = 6;
/** 10,000 faults, the ranges of what was erased and the ends of a million messages fit easily. */
const MAX_BYTES = 64 * 1024 * 1024;

export function ownerOf({ nation, vkey, anchors }: LogSource, verdicts: boolean): StateOwner {
  const anchorsSha256 = createHash('sha256')
    .update(anchors ? readFileSync(anchors) : '')
    .digest('hex');
  return { format: FORMAT, nation, vkey, verdicts, anchorsSha256 };
}

/** @throws UsageError if the file is of another audit, or no such file */
export function readState(path: string, owner: StateOwner): AuditState | undefined {
  if (!existsSync(path)) return undefined;
  const state = parse(path);
  const odd = (Object.keys(owner) as (keyof StateOwner)[]).find((name) => state.of?.[name] !== owner[name]);
  if (odd)
    throw new UsageError(
      `${path} is of another audit (its ${odd} is another): name another file with --state, or remove this one to begin anew.`,
    );
  return state;
}

export function writeState(path: string, state: AuditState): void {
  writePrivate(path, JSON.stringify(state), { aside: `${path}.part` });
}

function parse(path: string): AuditState {
  try {
    if (statSync(path).size > MAX_BYTES) throw new Error('it is too long');
    const state = JSON.parse(readFileSync(path, 'utf8')) as Partial<AuditState> | null;
    if (!state?.of || !isProgress(state.done) || !areNotes(state.checkpoints))
      throw new Error('it is not the state of an audit');
    return state as AuditState;
  } catch (error) {
    throw new UsageError(`${path} cannot be gone on with: ${withoutQuote(error)}. Remove it to begin anew.`);
  }
}

function isProgress(done: Partial<AuditProgress> | null | undefined): boolean {
  if (done === null) return true;
  const log: Partial<LogProgress> | undefined = done?.read?.log;
  return Array.isArray(log?.rows) && Array.isArray(log.faults) && Boolean(done?.checks && done.ends);
}

function areNotes(notes: readonly string[] | undefined): boolean {
  return Array.isArray(notes) && notes.length > 0 && notes.every((note) => typeof note === 'string');
}
