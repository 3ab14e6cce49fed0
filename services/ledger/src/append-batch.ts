import { randomBytes } from 'node:crypto';
import {
  appendLeaves,
  formatProof,
  inclusionProof,
  leafHash,
  type NoteSigner,
  readThrough,
  signCheckpoint,
} from '@entente/audit';
import { wire } from '@entente/contract';
import { commitmentOf } from '@entente/seal';
import { type Admitted, admit, checkAgainstLog, NotAppended } from './admit.js';
import type { Image } from './image.js';
import type { Claim, LedgerStore, NewEntry, StoredEntry } from './store.js';

export interface Log {
  readonly nation: string;
  readonly origin: string;
  readonly signer: NoteSigner;
  readonly store: LedgerStore;
  readonly image: Image;
  readonly now: () => number;
}

/**
 * Appends a batch and answers each request in its order: an entry with its proof, or a refusal.
 * The same message, stage and step always gets the first entry, also within one batch.
 */
export async function appendBatch(log: Log, requests: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const head = log.store.head();
  const batch = createBatch(log, head.size, Math.max(log.now(), head.timeMs));
  const outcomes = requests.map((bytes) => place(batch, log, bytes));
  if (batch.entries.length > 0) await commit(log, head.size, batch);
  // INVARIANT: nobody is answered before the image stands; also not who asks again because it could not be written.
  log.image.catchUp();
  return answer(log, outcomes);
}

type Outcome = StoredEntry | NotAppended;
type Batch = ReturnType<typeof createBatch>;

/** The log as it will be, so that two requests of one batch see each other. */
function createBatch(log: Log, size: number, timeMs: number) {
  const entries: NewEntry[] = [];
  const byKey = new Map<string, NewEntry>();
  const claims = new Map<string, Uint8Array>();
  const adoptions = new Map<string, NewEntry>();
  const versions = new Map<string, number>();
  return {
    timeMs,
    entries,
    nextIndex: () => size + entries.length,
    find: (admitted: Admitted): StoredEntry | undefined =>
      byKey.get(keyText(admitted)) ?? log.store.findEntry(admitted.key),
    adopted: (kind: string) => {
      const fresh = adoptions.get(kind);
      return fresh?.adoption
        ? { sha256: fresh.adoption.sha256, index: fresh.index }
        : log.store.adopted(kind);
    },
    claimedBy: (claim: Claim) => claims.get(`${claim.sender} ${claim.id}`) ?? log.store.claimedBy(claim),
    partVersion: (part: string): number => versions.get(part) ?? log.store.partVersion(part),
    add: (admitted: Admitted, entry: NewEntry) => {
      entries.push(entry);
      byKey.set(keyText(admitted), entry);
      if (entry.claim) claims.set(`${entry.claim.sender} ${entry.claim.id}`, entry.key.messageHash);
      if (entry.adoption) adoptions.set(entry.adoption.kind, entry);
      for (const { part, version } of entry.adoption?.versions ?? []) versions.set(part, version);
    },
  };
}

function keyText({ key }: Admitted): string {
  return `${Buffer.from(key.messageHash).toString('hex')} ${key.stage} ${key.step}`;
}

function place(batch: Batch, log: Log, bytes: Uint8Array): Outcome {
  try {
    const request = wire.appendRequest.decode(bytes);
    const admitted = admit(request.record, log.nation);
    const known = admitted.adoption ? adoptedAlready(batch, log, admitted) : batch.find(admitted);
    if (known) return known;
    checkAgainstLog(admitted, batch);
    const entry = newEntry(batch, admitted, request.record);
    batch.add(admitted, entry);
    return entry;
  } catch (error) {
    if (error instanceof NotAppended) return error;
    return new NotAppended('record-malformed', 'the request cannot be decoded');
  }
}

/** Adopting what is adopted already changes nothing. */
function adoptedAlready(batch: Batch, log: Log, { adoption }: Admitted): StoredEntry | undefined {
  const last = adoption ? batch.adopted(adoption.kind) : undefined;
  if (!last || !adoption || !Buffer.from(last.sha256).equals(adoption.sha256)) return undefined;
  return batch.entries.find(({ index }) => index === last.index) ?? log.store.entryAt(last.index);
}

function newEntry(batch: Batch, { record, key, claim, adoption }: Admitted, bytes: Uint8Array): NewEntry {
  const index = batch.nextIndex();
  const salt = randomBytes(16);
  const leaf = wire.leaf.encode({
    event: record.event,
    timeMs: batch.timeMs,
    commitment: commitmentOf(salt, bytes),
  });
  return {
    index,
    leaf,
    salt,
    record: bytes,
    key: adoption ? { ...key, step: String(index) } : key,
    claim,
    adoption,
  };
}

/**
 * The order of writes. A crash before the transaction leaves nothing; after it, the log has the batch and its image on
 * disk is behind, which the next start mends.
 */
async function commit(log: Log, oldSize: number, batch: Batch): Promise<void> {
  const hashes = batch.entries.map(({ leaf }) => leafHash(leaf));
  const { size, root, nodes } = appendLeaves(oldSize, hashes, log.store.readNode);
  // INVARIANT: this checkpoint leaves the process only after the transaction that makes it the one of its size.
  const note = await signCheckpoint({ origin: log.origin, size, root }, [log.signer]);
  log.store.commit(oldSize, { size, note, timeMs: batch.timeMs }, batch.entries, nodes);
}

function answer(log: Log, outcomes: readonly Outcome[]): Uint8Array[] {
  const { size, note } = log.store.head();
  const readNode = readThrough([], log.store.readNode);
  return outcomes.map((outcome) => {
    if (outcome instanceof NotAppended) {
      return wire.appendReply.encode({ refusal: outcome.refusal, detail: outcome.message });
    }
    const { index, leaf, salt, record } = outcome;
    const proof = Buffer.from(
      formatProof({ index, hashes: inclusionProof(index, size, readNode), checkpoint: note }),
    );
    return wire.appendReply.encode({ entry: { leaf, salt, record, proof } });
  });
}
