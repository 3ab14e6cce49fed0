import { randomBytes } from 'node:crypto';
import { appendLeaves, leafHash, type NoteSigner, signCheckpoint } from '@entente/audit';
import { type ErasureReason, LIMITS, Rejection, type Signoff, wire } from '@entente/contract';
import { type ClockWatch, isPassing, type Told } from '@entente/runtime';
import { commitmentOf } from '@entente/seal';
import { type Admitted, admit, checkAgainstLog, FIRST, NotAppended } from './admit.js';
import { answerBatch, endOfHold, type Outcome } from './answer-batch.js';
import { countEntry } from './count-entry.js';
import type { Image } from './image.js';
import { type FoundEntry, type LookBack, lookBack, type PastLog } from './past-log.js';
import type { Claim, EntryKey, LedgerStore, NewEntry } from './store.js';
import type { FailedOn, TellFault } from './tell-faults.js';
import { tellOf } from './tell-of.js';

export interface Log {
  readonly nation: string;
  readonly origin: string;
  readonly signer: NoteSigner;
  readonly store: LedgerStore;
  readonly image: Image;
  readonly now: () => number;
  /** Of this clock as it was when a gate last said the same time. */
  readonly clock: ClockWatch;
  /** The logs before this one, the oldest first. */
  readonly past: readonly PastLog[];
  /** Of what this ledger fails on, and nobody else. */
  readonly tellFault: TellFault;
  /** Of the messages that have an entry now, in the order of the log. */
  readonly tellAppended: (messages: readonly Told[]) => void;
}

/** What the ledger itself asks for, never a gate: these entries lose salt and record with the entry that says so. */
export interface ErasureRequest {
  /** Rising. */
  readonly indices: readonly number[];
  readonly reason: ErasureReason;
  readonly reference: string;
  /** The log that holds them, if that has ended. */
  readonly origin?: string;
  /** Who wanted it, and who agreed: units or file numbers. */
  readonly signoff?: Signoff;
}

/** What the ledger says of its logs, of how it is run, and of who has read its entries. */
export interface LogNotice {
  readonly event: 'log-opened' | 'log-closed' | 'log-deleted' | 'setting' | 'read';
  readonly succession?: wire.RecordFrame['succession'];
  readonly past?: wire.RecordFrame['past'];
  readonly administration?: Partial<wire.AdministrationFrame>;
}

/**
 * Appends a batch and answers each request in its order: an entry with its proof, or a refusal.
 * The same message, stage and step always gets the first entry, also within one batch; and a hold has one end, whoever else
 * wants to end it.
 */
export async function appendBatch(log: Log, requests: readonly Asked[]): Promise<Uint8Array[]> {
  const head = log.store.head();
  const before = lookBack(log.past);
  const batch = createBatch(log, before, head.size, Math.max(log.now(), head.timeMs, before.timeMs()));
  const outcomes = requests.map((asked) =>
    asked instanceof Uint8Array ? place(batch, log, asked) : placeOwn(batch, log, asked),
  );
  try {
    if (batch.entries.length > 0) await commit(log, head.size, batch);
  } catch (error) {
    // INVARIANT: where another process has written to this log, its rows are what stands in the way, and this one writes nothing more.
    if (!isOfARow(error) || log.store.head().size !== head.size) throw error;
    return await appendApart(log, requests, error);
  }
  // INVARIANT: nobody is answered before the image stands; also not who asks again because it could not be written.
  log.image.catchUp();
  return answerBatch(log, before, outcomes);
}

type Asked = Uint8Array | ErasureRequest | LogNotice;

/** Whether SQLite did not take a row, while file and disk are as they should be. */
function isOfARow(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('SQLITE_') && !isPassing(error);
}

/** Nothing of the batch is written: each is asked for alone, so that what cannot be written fails alone. */
async function appendApart(log: Log, requests: readonly Asked[], error: unknown): Promise<Uint8Array[]> {
  const [asked, ...more] = requests;
  if (asked && more.length === 0)
    return answerBatch(log, lookBack(log.past), [failed(log, nameOf(asked), error)]);
  const replies: Uint8Array[] = [];
  for (const one of requests) replies.push(...(await appendBatch(log, [one])));
  return replies;
}

function nameOf(asked: Asked): FailedOn {
  if (asked instanceof Uint8Array) return asked;
  return 'event' in asked ? asked.event : 'erasure';
}

function failed(log: Log, on: FailedOn, error: unknown): NotAppended {
  log.tellFault(on, error);
  return new NotAppended('ledger-failed', 'this ledger failed on it; its operator is told');
}

type Batch = ReturnType<typeof createBatch>;

/** The log as it will be, so that two requests of one batch see each other. */
function createBatch(log: Log, before: LookBack, size: number, timeMs: number) {
  const entries: NewEntry[] = [];
  const told: Told[] = [];
  const byKey = new Map<string, NewEntry>();
  const ends = new Map<string, NewEntry>();
  const claims = new Map<string, Uint8Array>();
  const adoptions = new Map<string, NewEntry>();
  const versions = new Map<string, number>();
  // Every record asks for both; only this batch can change them.
  const stored = new Map<string, ReturnType<LedgerStore['adopted']>>();
  const lastAdopted = (kind: string) => {
    if (!stored.has(kind)) stored.set(kind, log.store.adopted(kind));
    return stored.get(kind);
  };
  const findEntry = (key: EntryKey): FoundEntry | undefined =>
    byKey.get(keyText(key)) ?? log.store.findEntry(key) ?? before.findEntry(key);
  return {
    timeMs,
    entries,
    told,
    nextIndex: () => size + entries.length,
    findEntry,
    find: ({ key, record }: Admitted): FoundEntry | undefined =>
      key.step === FIRST || record.event === 'quarantine-end'
        ? findEntry(key)
        : (ends.get(endText(key)) ?? endOfHold(log, before, key)),
    adoptedBefore: before.adopted,
    hasApproval: before.hasApproval,
    adopted: (kind: string) => {
      const fresh = adoptions.get(kind);
      return fresh?.adoption ? { sha256: fresh.adoption.sha256, index: fresh.index } : lastAdopted(kind);
    },
    claimedBy: (claim: Claim) =>
      claims.get(`${claim.sender} ${claim.id}`) ?? log.store.claimedBy(claim) ?? before.claimedBy(claim),
    partVersion: (part: string): number =>
      versions.get(part) ?? Math.max(log.store.partVersion(part), before.partVersion(part)),
    add: (admitted: Admitted, entry: NewEntry) => {
      entries.push(entry);
      if (admitted.record.seal.length > 0) told.push(tellOf(admitted, entry.index));
      byKey.set(keyText(admitted.key), entry);
      if (!entry.adoption && entry.key.step !== FIRST) ends.set(endText(entry.key), entry);
      if (entry.claim) claims.set(`${entry.claim.sender} ${entry.claim.id}`, entry.key.messageHash);
      if (entry.adoption) adoptions.set(entry.adoption.kind, entry);
      for (const { part, version } of entry.adoption?.versions ?? []) versions.set(part, version);
    },
  };
}

function keyText(key: EntryKey): string {
  return `${endText(key)} ${key.step}`;
}

function endText({ messageHash, stage }: EntryKey): string {
  return `${Buffer.from(messageHash).toString('hex')} ${stage}`;
}

function place(batch: Batch, log: Log, bytes: Uint8Array): Outcome {
  try {
    const request = wire.appendRequest.decode(bytes);
    if (request.askedAtMs > 0) return hearTime(log, request.askedAtMs);
    const admitted = admit(request.record, log.nation);
    const known = admitted.adoption ? adoptedAlready(batch, log, admitted) : batch.find(admitted);
    if (known && !known.record) throw new NotAppended('erased', 'what the log held of this was erased');
    if (known) return known;
    if (request.knownOnly) throw new NotAppended('unknown', 'the log holds nothing of this message');
    checkClock(log, admitted.record.decidedAtMs);
    checkAgainstLog(admitted, batch);
    const entry = newEntry(batch, admitted, request.record);
    batch.add(admitted, entry);
    return entry;
  } catch (error) {
    if (error instanceof NotAppended) return error;
    if (error instanceof Rejection)
      return new NotAppended('record-malformed', 'the request cannot be decoded');
    return failed(log, bytes, error);
  }
}

/**
 * INVARIANT: the times of the log never go back, so one entry from the future would give its time to all that follow. A clock that was
 * set while the ledger runs dates nothing until a gate says the same time.
 * @throws NotAppended `clock-differs`
 */
function checkClock({ clock, now }: Log, decidedAtMs: number): void {
  compareTime({ clock, now }, decidedAtMs);
  if (!clock.agrees())
    throw new NotAppended(
      'clock-differs',
      'the clock of this ledger was set, and no gate says the same time',
    );
}

/** Somebody who says the same time confirms this clock. */
export function compareTime({ clock, now }: Pick<Log, 'clock' | 'now'>, theirMs: number): void {
  const nowMs = now();
  if (Math.abs(theirMs - nowMs) <= LIMITS.skewMs) clock.tell(nowMs);
}

/** A gate asks for the time, and says its own: a ledger that nobody writes to knows as well whether its clock is right. */
function hearTime(log: Log, theirMs: number): NotAppended {
  compareTime(log, theirMs);
  return new NotAppended('unknown', 'nothing was asked for but the time');
}

/** Adopting what is adopted already changes nothing. */
function adoptedAlready(batch: Batch, log: Log, { adoption }: Admitted): FoundEntry | undefined {
  const last = adoption ? batch.adopted(adoption.kind) : undefined;
  if (!last || !adoption || !Buffer.from(last.sha256).equals(adoption.sha256)) return undefined;
  return batch.entries.find(({ index }) => index === last.index) ?? log.store.entryAt(last.index);
}

function newEntry(
  batch: Batch,
  { record, header, key, claim, approval, adoption }: Admitted,
  bytes: Uint8Array,
): NewEntry {
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
    // Each has one word about a message in each role, also over the end of a log: the first.
    approval: approval && batch.hasApproval(approval) ? null : approval,
    adoption,
    erases: [],
    counted: countEntry(record.event, record, header),
  };
}

function placeOwn(
  batch: Batch,
  { nation, origin, clock }: Log,
  asked: ErasureRequest | LogNotice,
): NewEntry | NotAppended {
  if (!clock.agrees()) return new NotAppended('clock-differs', 'the clock of this ledger was set');
  const index = batch.nextIndex();
  const salt = randomBytes(16);
  const said = 'event' in asked ? { erasure: null, ...asked } : erasureOf(asked, origin);
  const { event, erasure, succession = null, past = null, administration = null } = said;
  const about = { erasure, succession, past, administration };
  const record = wire.record.encode({ nation, event, decidedAtMs: batch.timeMs, ...about });
  const commitment = commitmentOf(salt, record);
  const entry = {
    ...{ index, salt, record, claim: null, approval: null, adoption: null },
    leaf: wire.leaf.encode({ event, timeMs: batch.timeMs, commitment }),
    key: { messageHash: new Uint8Array(), stage: event, step: String(index) },
    erases: past ? [] : (erasure?.indices ?? []),
    counted: countEntry(event, null),
  };
  batch.entries.push(entry);
  return entry;
}

function erasureOf({ indices, reason, reference, origin = '', signoff }: ErasureRequest, own: string) {
  const isElsewhere = origin !== '' && origin !== own;
  return {
    event: 'erasure' as const,
    erasure: { indices, reason, reference, ...signoff },
    succession: null,
    administration: null,
    past: isElsewhere ? { origin, checkpoint: '', countsSha256: new Uint8Array() } : null,
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
  if (batch.told.length > 0) log.tellAppended(batch.told);
}
