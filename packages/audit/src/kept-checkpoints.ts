import { appendFileSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { parseCheckpoint } from './checkpoint.js';
import { AuditError } from './error.js';
import { parseNote } from './note.js';

/** Name of the file of earlier checkpoints in a log's folder: signed notes, each followed by an empty line. */
export const KEPT_CHECKPOINTS = 'checkpoints';

/** The longest such file that is read, in bytes: one a day for a century, and more. */
export const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/**
 * Takes the notes of a file of checkpoints apart, unverified. A line that a crash has cut off at the end is left out.
 * @throws AuditError `too-large`, `note-malformed`
 */
export function splitNotes(text: string): string[] {
  if (text.length > MAX_KEPT_BYTES) throw new AuditError('too-large', 'The file of checkpoints is too long.');
  const blocks = text.split('\n\n');
  // The text of a checkpoint has no empty line, so notes are pairs of blocks; what follows the last pair is not whole.
  return Array.from({ length: Math.floor((blocks.length - 1) / 2) }, (_, i) => {
    const note = `${blocks[2 * i]}\n\n${blocks[2 * i + 1]}\n`;
    parseNote(note);
    return note;
  });
}

/**
 * Keeps some of a log's checkpoints beside it, so that whoever audits it later sees that it only ever grew. Nothing here is
 * synced: a power cut may take the last ones, and a crash may leave half of one, which the next start cuts off.
 *
 * @param every so many entries one is kept, and the first of each day (UTC)
 */
export function checkpointKeeper(dir: string, every = 65_536) {
  const path = join(dir, KEPT_CHECKPOINTS);
  let last: { readonly size: number; readonly day: number } | undefined;
  return {
    /** @param timeMs of the log's last entry */
    keep: (note: string, timeMs: number): void => {
      last ??= mend(path);
      const { size } = parseCheckpoint(parseNote(note).text);
      const day = Math.floor(timeMs / DAY_MS);
      if (size <= last.size || (day === last.day && size < last.size + every)) return;
      // What a full disk lets through of it is cut off before the next.
      last = undefined;
      appendFileSync(path, `${note}\n`);
      last = { size, day };
    },
  };
}

const DAY_MS = 86_400_000;

/** The file is an image: what is not whole or no note is cut off. Of which day the last one is is not known, so one more is kept. */
function mend(path: string): { readonly size: number; readonly day: number } {
  const text = readOrNothing(path);
  let [size, whole] = [0, 0];
  for (let note = noteAt(text, whole); note !== undefined; note = noteAt(text, whole)) {
    whole += note.length + 1;
    size = parseCheckpoint(parseNote(note).text).size;
  }
  if (whole < text.length) truncateSync(path, Buffer.byteLength(text.slice(0, whole)));
  return { size, day: -1 };
}

function noteAt(text: string, at: number): string | undefined {
  const end = text.indexOf('\n\n', text.indexOf('\n\n', at) + 2);
  if (end <= at) return undefined;
  const note = text.slice(at, end + 1);
  try {
    parseCheckpoint(parseNote(note).text);
    return note;
  } catch {
    return undefined;
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
