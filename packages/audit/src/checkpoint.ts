import { AuditError } from './error.js';
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
  const { text } = openNote(note, [key]);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== origin) {
    throw new AuditError('checkpoint-wrong-origin', 'The checkpoint is of another log.');
  }
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
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  const text = `${origin}\n${isCount(size) ? size : ''}\n${Buffer.from(root).toString('base64')}\n`;
  parseCheckpoint(text);
  return text;
}

/**
 * Reads a checkpoint's note text, unverified (C2SP tlog-checkpoint). Extension lines, which C2SP allows and advises
 * against, are refused: no monitor can audit them, and no log of ours writes any.
 *
 * @throws AuditError `too-large`, `checkpoint-malformed`
 */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = readText(text, MAX_NOTE_BYTES, 'checkpoint-malformed').split('\n');
  const [origin = '', sizeText = '', rootText = ''] = lines;
  const [size, root] = [readDecimal(sizeText), readBase64(rootText)];
  if (lines.length !== LINES || origin === '') {
    throw new AuditError(
      'checkpoint-malformed',
      'The checkpoint is not the three lines origin, size and root.',
    );
  }
  if (size === undefined || root?.length !== HASH_BYTES) {
    throw new AuditError('checkpoint-malformed', 'The checkpoint has no such size or root.');
  }
  if (size === 0 && !root.equals(emptyRoot())) {
    throw new AuditError('checkpoint-malformed', 'A tree without leaves has another root.');
  }
  return { origin, size, root };
}

// Three lines, and the nothing after the last newline.
const LINES = 4;
