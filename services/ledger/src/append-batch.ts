import { randomBytes } from 'node:crypto';
import { appendLeaves, leafHash, type NoteSigner, signCheckpoint } from '@entente/audit';
import { LIMITS, Rejection, wire } from '@entente/contract';
import { type ClockWatch, isPassing, type Told } from '@entente/runtime';
import { commitmentOf } from '@entente/seal';
import { type Admitted, admit, checkAgainstLog, NotAppended } from './admit.js';
import { answerBatch, type Outcome } from './answer-batch.js';
import { countEntry } from './count-entry.js';
import { type Batch, createBatch } from './create-batch.js';
import type { Image } from './image.js';
import { type FoundEntry, lookBack, type PastLog } from './past-log.js';
import { type ErasureRequest, type LogNotice, placeOwn } from './place-own.js';
import type { LedgerStore, NewEntry } from './store.js';
import type { FailedOn, TellFault } from './tell-faults.js';

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
  // INVARIANT: nobody is answered while the image cannot be written; also not who asks again for that.
  log.image.follow();
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
