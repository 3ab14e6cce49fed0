import { statSync } from 'node:fs';
import { parseCheckpoint, parseNote, parseProof, parseVkey, splitNotes } from '@entente/audit';
import { wire } from '@entente/contract';
import { readNamed } from '../read-named.js';
import { UsageError } from '../usage.js';

const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Reads the checkpoints of one log out of what people hold: a `.tlog-proof`, a checkpoint or several, or the base64 text of a field
 * "proof" of a message's evidence or of a case. Those of other logs are left out.
 * @returns signed notes, unverified
 * @throws UsageError for a file that is none of these
 */
export function readSeen(files: readonly string[], vkey: string): string[] {
  const { name } = parseVkey(vkey);
  return files.flatMap((file) => {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MAX_BYTES)
      throw new UsageError(`${file} is too long to be a proof.`);
    const text = readNamed(file).toString('utf8');
    const notes = READERS.map((read) => unlessOther(() => read(text))).find((found) => found !== undefined);
    if (!notes) throw new UsageError(`${file} holds no proof and no checkpoint.`);
    return notes.filter((note) => parseCheckpoint(parseNote(note).text).origin === name);
  });
}

const READERS: readonly ((text: string) => string[])[] = [
  (text) => [parseProof(text).checkpoint],
  (text) => checkedNotes(text.endsWith('\n\n') ? splitNotes(text) : [text]),
  (text) =>
    checkedNotes(proofsOf(Buffer.from(text.trim(), 'base64')).map((proof) => parseProof(proof).checkpoint)),
];

function checkedNotes(notes: readonly string[]): string[] {
  if (notes.length === 0) throw new Error('there is none');
  for (const note of notes) parseCheckpoint(parseNote(note).text);
  return [...notes];
}

function proofsOf(bytes: Uint8Array): Uint8Array[] {
  const entry = unlessOther(() => wire.entry.decode(bytes));
  const entries = entry && entry.proof.length > 0 ? [entry] : wire.passage.decode(bytes).proofs;
  return entries.map(({ proof }) => proof);
}

function unlessOther<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
