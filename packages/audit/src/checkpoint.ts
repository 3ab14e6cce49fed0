import { AuditError } from './error.js';
import { keepNewest } from './keep-newest.js';
import { emptyRoot, HASH_BYTES, isCount } from './merkle.js';
import { MAX_NOTE_BYTES, openNote } from './note.js';
import type { NoteKey } from './note-key.js';
import { readBase64, readDecimal, readText } from './read-text.js';
import { type NoteSigner, signNote } from './sign-note.js';

/** What a log says of itself: its first `size` entries have this root. */
export interface Checkpoint {
  /** The name of the log. */
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/**
 * Verifies a signed checkpoint: the log's key signed it, and it speaks of the wanted log (C2SP tlog-checkpoint).
 * One key may serve several origins, so a good signature alone does not say whose tree this is.
 *
 * @param note UTF-8, as published
 * @throws AuditError those of `openNote`, `checkpoint-malformed`, `checkpoint-wrong-origin`
 */
export function openCheckpoint(note: string | Uint8Array, key: NoteKey, origin: string): Checkpoint {
  const checkpoint = opened(note, key) ?? keep(note, key, parseCheckpoint(openNote(note, [key]).text));
  if (checkpoint.origin !== origin) {
    throw new AuditError('checkpoint-wrong-origin', 'The checkpoint is of another log.');
  }
  return checkpoint;
}

// Entries of one batch come with one checkpoint: its signature is verified once, and the newest are remembered, byte by byte.
const CHECKPOINTS = 64;
const LONGEST = 4096;
const verified = new WeakMap<NoteKey, Map<string, Checkpoint>>();

function opened(note: string | Uint8Array, key: NoteKey): Checkpoint | undefined {
  return typeof note === 'string' ? verified.get(key)?.get(note) : undefined;
}

/** INVARIANT: only what the key has signed is kept, under the whole note with its signatures. */
function keep(note: string | Uint8Array, key: NoteKey, checkpoint: Checkpoint): Checkpoint {
  if (typeof note !== 'string' || note.length > LONGEST) return checkpoint;
  const known = verified.get(key) ?? new Map<string, Checkpoint>();
  verified.set(key, known);
  keepNewest(known, CHECKPOINTS, note, checkpoint);
  return checkpoint;
}

/**
 * Signs a checkpoint; the result is the file `checkpoint` of the log.
 *
 * INVARIANT: whoever calls this never signs two roots for one size, nor a smaller size than before.
 *
 * @throws AuditError those of `signNote`, `checkpoint-malformed`
 */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly NoteSigner[]): Promise<string> {
  return signNote(formatCheckpoint(checkpoint), signers);
}

/**
 * Writes a checkpoint's note text: origin, size, root, a line each (C2SP tlog-checkpoint).
 *
 * @throws AuditError `checkpoint-malformed` if it would not be read back as it is
 */
function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  const text = `${origin}\n${isCount(size) ? size : ''}\n${Buffer.from(root).toString('base64')}\n`;
  // A newline in the origin would make lines of its own.
  if (parseCheckpoint(text).origin !== origin) {
    throw new AuditError('checkpoint-malformed', 'The origin is not one line.');
  }
  return text;
}

/**
 * Reads a checkpoint's note text, unverified (C2SP tlog-checkpoint). Extension lines, which C2SP allows and advises against, are
 * read over, so that logs of others can be read: nothing is decided by them, and no log of ours writes any.
 *
 * @throws AuditError `too-large`, `checkpoint-malformed`
 */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = readText(text, MAX_NOTE_BYTES, 'checkpoint-malformed').slice(0, -1).split('\n');
  const [origin = '', sizeText = '', rootText = ''] = lines;
  const [size, root] = [readDecimal(sizeText), readBase64(rootText)];
  if (lines.length < LINES || lines.includes('')) {
    throw new AuditError('checkpoint-malformed', 'The checkpoint does not begin with origin, size and root.');
  }
  if (size === undefined || root?.length !== HASH_BYTES) {
    throw new AuditError('checkpoint-malformed', 'The checkpoint has no such size or root.');
  }
  if (size === 0 && !root.equals(emptyRoot())) {
    throw new AuditError('checkpoint-malformed', 'A tree without leaves has another root.');
  }
  return { origin, size, root };
}

const LINES = 3;
