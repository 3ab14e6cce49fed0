import { type AddCheckpoint, formatCosignatureLines, parseAddCheckpoint } from './add-checkpoint.js';
import { type Checkpoint, openCheckpoint, parseCheckpoint } from './checkpoint.js';
import { type Cosigner, cosign } from './cosignature.js';
import { AuditError } from './error.js';
import { emptyRoot } from './merkle.js';
import { parseNote } from './note.js';
import type { NoteKey } from './note-key.js';
import { verifyConsistency } from './verify-consistency.js';

export interface Witness {
  /** The log with this origin, if it is one that is witnessed here. */
  readonly findLog: (origin: string) => NoteKey | undefined;
  readonly memory: WitnessMemory;
  readonly cosigner: Cosigner;
  readonly now: () => number;
  /**
   * The log has signed both, and it was not shown that one continues the other. Of one size they contradict each other; of two sizes
   * only the log's tiles can tell: anybody may send a true checkpoint with a wrong proof.
   */
  readonly onUnproved: (cosigned: Cosigned, sent: Cosigned) => void;
}

export interface Cosigned extends Checkpoint {
  /** As the log signed it. */
  readonly note: string;
}

/** What a witness has cosigned last of each log. */
export interface WitnessMemory {
  readonly last: (origin: string) => Cosigned | undefined;
  /**
   * Takes the checkpoint in the place of the one of `oldSize`; on disk when it returns.
   * INVARIANT: compares and takes in one step, so that of two requests at once the second one finds what the first one left.
   * @returns false, and nothing is changed, if another size is the last one by now
   */
  readonly advance: (oldSize: number, next: Cosigned) => boolean;
}

/** An HTTP answer. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 413 | 422;
  readonly type: 'text/plain; charset=utf-8' | 'text/x.tlog.size';
  readonly body: string;
}

/**
 * Answers `add-checkpoint` (C2SP tlog-witness). Anybody may ask; only what the log has signed is looked at, and only what
 * continues the last one that was cosigned is cosigned.
 *
 * A crash after the checkpoint is taken and before the answer costs the log one more request: it learns the size from a 409.
 *
 * @throws AuditError `signer-failed`; errors of the memory as they are. Nothing was cosigned then.
 */
export async function answerAsWitness(witness: Witness, body: string | Uint8Array): Promise<WitnessAnswer> {
  const request = read(body);
  if ('status' in request) return request;
  const { oldSize, proof, note, text, checkpoint } = request;
  const key = witness.findLog(checkpoint.origin);
  if (!key) return refuse(404, 'This log is not witnessed here.');
  if (!isSigned(note, key, checkpoint.origin)) return refuse(403, 'The log has not signed this checkpoint.');
  if (oldSize > checkpoint.size) return refuse(400, 'The old size is larger than the checkpoint.');
  const cosigned = witness.memory.last(checkpoint.origin) ?? nothingOf(checkpoint.origin);
  if (oldSize !== cosigned.size) return sizeIs(cosigned.size);
  const refusal = compare(cosigned, checkpoint, proof);
  if (refusal) {
    witness.onUnproved(cosigned, { ...checkpoint, note });
    return refusal;
  }
  if (!witness.memory.advance(oldSize, { ...checkpoint, note }))
    return sizeIs(witness.memory.last(checkpoint.origin)?.size ?? 0);
  // INVARIANT: from here on the checkpoint is on disk. Cosigned before, a crash would let another one of this size be cosigned.
  const line = await cosign(text, witness.cosigner, witness.now());
  return { status: 200, type: TEXT, body: formatCosignatureLines(text, [line]) };
}

const TEXT = 'text/plain; charset=utf-8';

interface Request extends AddCheckpoint {
  readonly text: string;
  readonly checkpoint: Checkpoint;
}

function read(body: string | Uint8Array): Request | WitnessAnswer {
  try {
    const request = parseAddCheckpoint(body);
    const { text } = parseNote(request.note);
    return { ...request, text, checkpoint: parseCheckpoint(text) };
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    return refuse(error.code === 'too-large' ? 413 : 400, error.message);
  }
}

function isSigned(note: string, key: NoteKey, origin: string): boolean {
  try {
    openCheckpoint(note, key, origin);
    return true;
  } catch (error) {
    if (error instanceof AuditError) return false;
    throw error;
  }
}

function nothingOf(origin: string): Cosigned {
  return { origin, size: 0, root: emptyRoot(), note: '' };
}

function compare(
  cosigned: Cosigned,
  { size, root }: Checkpoint,
  proof: readonly Uint8Array[],
): WitnessAnswer | undefined {
  if (cosigned.size === size && !Buffer.from(cosigned.root).equals(root)) return sizeIs(size);
  try {
    verifyConsistency({ oldSize: cosigned.size, oldRoot: cosigned.root, size, root, proof });
    return undefined;
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    return refuse(422, error.message);
  }
}

function sizeIs(size: number): WitnessAnswer {
  return { status: 409, type: 'text/x.tlog.size', body: `${size}\n` };
}

function refuse(status: WitnessAnswer['status'], why: string): WitnessAnswer {
  return { status, type: TEXT, body: `${why}\n` };
}
