import { type ReadLogPath, readCheckpointOf } from './advance.js';
import { AuditError } from './error.js';
import type { NoteKey } from './note-key.js';
import { formatProof, verifyProof } from './proof.js';
import { inclusionProof } from './prove.js';
import { throughTiles } from './through-tiles.js';

export interface ProvedEntry {
  /** The tlog-proof, under the log's newest checkpoint. */
  readonly proof: string;
  readonly size: number;
}

/**
 * Proves from a log's own tiles that it holds an entry (C2SP tlog-proof), for whoever has nothing but its files. The proof is
 * verified before it is given: what the files say otherwise is found here, and not by a court.
 *
 * @param leaf the entry's bytes
 * @param extra what goes along with it; nothing authenticates it
 * @throws AuditError `out-of-range` beyond the log, `node-missing`, `inclusion-invalid`, those of `readCheckpointOf`
 */
export async function proveEntry(
  read: ReadLogPath,
  { key, origin }: { readonly key: NoteKey; readonly origin: string },
  index: number,
  leaf: Uint8Array,
  extra?: Uint8Array,
): Promise<ProvedEntry> {
  const { checkpoint, note } = await readCheckpointOf(read, key, origin);
  const { size } = checkpoint;
  if (index >= size)
    throw new AuditError('out-of-range', `The log has ${size} entries, none of index ${index}.`);
  const hashes = await throughTiles(read, size, (readNode) => inclusionProof(index, size, readNode));
  const proof = formatProof({ index, hashes, checkpoint: note, ...(extra ? { extra } : {}) });
  verifyProof(proof, leaf, key, origin);
  return { proof, size };
}
