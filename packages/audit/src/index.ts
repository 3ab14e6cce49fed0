export type { AddCheckpoint } from './add-checkpoint.js';
export {
  formatAddCheckpoint,
  formatCosignatureLines,
  MAX_REQUEST_BYTES,
  parseCosignatureLines,
} from './add-checkpoint.js';
export type { Earlier, ReadLogPath } from './advance.js';
export { proveContinues, readCheckpointOf, readEarlier } from './advance.js';
export type { Cosigned, Witness, WitnessAnswer, WitnessMemory } from './answer-as-witness.js';
export { answerAsWitness } from './answer-as-witness.js';
export type { StampRequest } from './ask-time-stamp.js';
export { askTimeStamp } from './ask-time-stamp.js';
export type { AskBounds, HttpAnswer, HttpQuestion } from './ask-within.js';
export { askWithin } from './ask-within.js';
export type { Auditors } from './auditor-tokens.js';
export { parseAuditors } from './auditor-tokens.js';
export { checkEntry } from './check-entry.js';
export type { ExpectedPassage } from './check-passage.js';
export { checkPassage, isPassage } from './check-passage.js';
export { checkStampTrust, readRoots } from './check-stamp-trust.js';
export type { Checkpoint } from './checkpoint.js';
export { openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.js';
export type { Cosignature, Cosigner } from './cosignature.js';
export { cosign, readCosignatures } from './cosignature.js';
export { crossingSideOf } from './crossing-side.js';
export type { DirectoryWitness } from './directory-witnesses.js';
export { witnessesOf } from './directory-witnesses.js';
export { endOfYear } from './end-of-year.js';
export { decodeBundle, encodeBundle, MAX_ENTRY_BYTES } from './entry-bundle.js';
export type { AuditCode } from './error.js';
export { AuditError } from './error.js';
export { checkpointKeeper, KEPT_CHECKPOINTS, MAX_KEPT_BYTES, splitNotes } from './kept-checkpoints.js';
export type { Fault, FaultCode } from './log-fault.js';
export type { LogFiles } from './log-files.js';
export { folderFiles } from './log-files.js';
export { LOG_NAME } from './log-name.js';
export type { LogProgress } from './log-progress.js';
export { rootOfProgress } from './log-progress.js';
export { emptyRoot, HASH_BYTES, leafHash, merkleRoot } from './merkle.js';
export type { Note, NoteSignature } from './note.js';
export { MAX_NOTE_BYTES, parseNote } from './note.js';
export type { NoteKey } from './note-key.js';
export { formatVkey, parseVkey } from './note-key.js';
export type { TimeStamp } from './open-time-stamp.js';
export { openTimeStamp } from './open-time-stamp.js';
export type { Proof, Proved } from './proof.js';
export { formatProof, parseProof, verifyProof } from './proof.js';
export { consistencyProof, inclusionProof } from './prove.js';
export type { ProvedEntry } from './prove-entry.js';
export { proveEntry } from './prove-entry.js';
export { readEntryAt } from './read-entry-at.js';
export { readLogAt } from './read-log-at.js';
export type { ReadNode, TreeNode } from './read-node.js';
export { readThrough } from './read-node.js';
export type { SaltedRecord } from './record-bundle.js';
export {
  decodeRecords,
  encodeRecords,
  maxRecordsBytes,
  parseRecordsPath,
  recordsPath,
} from './record-bundle.js';
export type { NoteSigner } from './sign-note.js';
export { formatNote } from './sign-note.js';
export type { TileName } from './tile-path.js';
export { parseTilePath, TILE_WIDTH, tilePath, widthAt } from './tile-path.js';
export { formatStampRequest } from './time-stamp-request.js';
export type { Appended } from './tree.js';
export { appendLeaves, treeRoot } from './tree.js';
export type { Consistency } from './verify-consistency.js';
export { verifyConsistency } from './verify-consistency.js';
export type { LedgerIdentity, VerifiedEntry, VerifiedLeaf } from './verify-entry.js';
export { verifyEntry, verifyLeaf } from './verify-entry.js';
export type { LogReport, VerifyLogOptions } from './verify-log.js';
export { verifyLog } from './verify-log.js';
export type { WitnessKey } from './witness-key.js';
export { formatWitnessVkey, isSameWitness, parseWitnessVkey } from './witness-key.js';
export type { NamedWitness, WitnessPolicy } from './witness-policy.js';
export { isLogOf, meetsQuorum, parseWitnessPolicy } from './witness-policy.js';
export type { ReadEntry } from './write-tiles.js';
export { publishCheckpoint, writeTiles } from './write-tiles.js';
