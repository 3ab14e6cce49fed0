import { existsSync } from 'node:fs';
import { parseCheckpoint, parseNote } from '@entente/audit';
import { wire } from '@entente/contract';
import { appendBatch, compareTime, type Log } from './append-batch.js';
import { checkLog, NotAsSeen, readSeen } from './check-log.js';
import { checkOriginal, noteOriginal } from './check-original.js';
import { folderOf, type LogFolder, listFolders, makeFolder, NOBODY, remainsOf } from './log-folders.js';
import {
  imageOf,
  type LogKeys,
  type LogOwner,
  noteSigner,
  openLog,
  openPast,
  tilesOf,
  vkeyOf,
} from './open-log.js';
import type { PastLog } from './past-log.js';
import { readSuccession, type SuccessionOrder, successionDone } from './succession-order.js';

export interface ChainDeps extends LogKeys, LogOwner {
  /** The name of the first log. */
  readonly origin: string;
  readonly dataDir: string;
  /** Something that a person has to look at. */
  readonly alarm: (what: string) => void;
  /** What others hold of a log, before it is signed on; a ledger that is set back as a whole knows it from nobody else. */
  readonly seenByOthers: (log: Pick<Log, 'origin' | 'signer'>) => Promise<readonly string[]>;
}

/** The log that is written on, and where it lies. */
export interface OpenLog {
  readonly log: Log;
  readonly folder: LogFolder;
}

/**
 * Opens the logs of this ledger, each the successor of the one before, and checks that the last may be written on. Where it was
 * restored to less than others have seen, or may have been, it may not: then an order of the operator opens its successor, else this throws.
 */
export async function openChain(deps: ChainDeps): Promise<OpenLog> {
  const folders = listFolders(deps.dataDir, deps.origin);
  const folder = folders.at(-1);
  if (!folder) throw new Error('DATA_DIR holds no log: all of them were deleted');
  const past = folders.slice(0, -1).map((one, i) => openWhole(deps, one, folders[i + 1]));
  const open = { log: await openLog(deps, folder, past, deps), folder };
  const order = readSuccession(deps.dataDir);
  // A crash came between the opening of the log and the end of its order.
  const isDone = order?.origin === folder.origin;
  if (isDone) successionDone(deps.dataDir);
  const asked = isDone ? undefined : order;
  const seen = await deps.seenByOthers(open.log);
  try {
    checkLog(open.log, tilesOf(folder.dir), [...readSeen(deps.dataDir), ...(asked?.seen ?? []), ...seen]);
  } catch (error) {
    if (!(error instanceof NotAsSeen) || asked?.reason !== 'restored') throw error;
    return await goOn(deps, open, asked, error.note);
  }
  // It cannot be known whether anybody has seen more: then the operator's word counts.
  if (asked?.reason === 'restored') return await goOn(deps, open, asked, open.log.store.head().note);
  await checkOriginal({ ...open.log, dir: folder.dir }, deps.dataDir);
  // A crash may have come between the transaction and its image: all of it is written again.
  open.log.image.catchUp();
  await sayOpened(open);
  return open;
}

/**
 * Ends the log when the time of an order has come: by the time of entries, so that none of the next year stands in it, and not before a
 * gate has said the same time (`confirmEnd`). Until it returns nothing may be appended; a crash at any point of it is mended by the next
 * call.
 */
export async function succeedIfDue(
  deps: ChainDeps,
  open: OpenLog,
  order: SuccessionOrder | undefined,
): Promise<OpenLog> {
  const { log } = open;
  const { size } = log.store.head();
  const closed = successorOf(log);
  const isDue = isTimeOver(log, order) && log.clock.agrees() && log.clock.wasTold();
  if (!closed && !isDue) return open;
  if (!closed) {
    checkUnused(deps, order?.origin ?? '');
    const about = { origin: order?.origin ?? '', reason: 'time-over', checkpoint: '' };
    const succession = { ...about, ...(order?.signoff ?? NOBODY) };
    await appendBatch(log, [{ event: 'log-closed', succession }]);
  }
  // The last checkpoint stands where others read it before anything follows it.
  log.image.catchUp();
  const end = successorOf(log);
  if (!end) throw new Error(`the log ${log.origin} of ${size} entries was not closed`);
  const { origin, proposedBy, approvedBy } = end;
  const keyFile = order?.origin === origin ? order.keyFile : null;
  const signoff = { proposedBy, approvedBy };
  const next = { origin, reason: 'time-over' as const, fromMs: 0, seen: [], keyFile, signoff };
  return await goOn(deps, open, next, log.store.head().note);
}

/**
 * Where the time of an order has come by this ledger's clock only, takes the word of a gate that says the same: the clock may be ahead,
 * and a log that has ended does not go on. Until then nothing is dated: in neither log would it be known to stand right.
 * @param requests of gates, which say when they were decided
 * @returns whether it stays in doubt
 */
export function confirmEnd(
  { log }: OpenLog,
  order: SuccessionOrder | undefined,
  requests: readonly unknown[] = [],
): boolean {
  if (log.clock.wasTold() || !isTimeOver(log, order)) return false;
  for (const one of requests) if (one instanceof Uint8Array) compareTime(log, timeSaidIn(one));
  return !log.clock.wasTold();
}

/** Never: of what cannot be read. */
function timeSaidIn(request: Uint8Array): number {
  try {
    const { askedAtMs, record } = wire.appendRequest.decode(request);
    return askedAtMs || wire.record.decode(record).decidedAtMs;
  } catch {
    return Number.NEGATIVE_INFINITY;
  }
}

function isTimeOver({ origin, store, now }: Log, order: SuccessionOrder | undefined): boolean {
  // An order that was read before it was carried out is not carried out again.
  const isOrdered = order?.reason === 'time-over' && order.origin !== origin;
  return isOrdered && Math.max(now(), store.head().timeMs) >= order.fromMs;
}

/**
 * The order of an operator, looked at before its time has come: the log must not end where no other can begin.
 * @throws Error that says what is wrong with it
 */
export async function findOrder(deps: ChainDeps, { log }: OpenLog): Promise<SuccessionOrder | undefined> {
  const order = readSuccession(deps.dataDir);
  if (!order || order.origin === log.origin) return undefined;
  checkUnused(deps, order.origin);
  noteSigner(order.origin, order.keyFile === null ? deps.signer : await deps.loadKey(order.keyFile));
  return order;
}

/** @param checkpoint of the log that has ended: its last, or the largest that anybody has seen */
async function goOn(
  deps: ChainDeps,
  { log, folder }: OpenLog,
  { origin, reason, keyFile, signoff }: SuccessionOrder,
  checkpoint: string,
): Promise<OpenLog> {
  const vkey = vkeyOf(origin, keyFile === null ? deps.signer : await deps.loadKey(keyFile));
  const about = { origin, predecessor: log.origin, reason, checkpoint, vkey, keyFile, signoff };
  const next: LogFolder = { ...about, dir: folderOf(deps.dataDir, origin) };
  // What was begun and failed is taken up again.
  const begun = listFolders(deps.dataDir, deps.origin).at(-1);
  if (begun?.origin !== origin || begun.predecessor !== log.origin) checkUnused(deps, origin);
  makeFolder(next);
  const ended: PastLog = { origin: log.origin, dir: folder.dir, store: log.store, reason };
  const opened = { log: await openLog(deps, next, [...log.past, ended], deps), folder: next };
  await noteOriginal(next.dir);
  await sayOpened(opened);
  if (readSuccession(deps.dataDir)?.origin === origin) successionDone(deps.dataDir);
  return opened;
}

/** The first entry of a log names the one that it follows, with its last checkpoint. */
async function sayOpened({ log, folder }: OpenLog): Promise<void> {
  const { predecessor, reason, checkpoint, signoff } = folder;
  if (predecessor === '' || log.store.head().size > 0) return;
  const succession = { origin: predecessor, reason, checkpoint, ...signoff };
  const [reply = NOTHING] = await appendBatch(log, [{ event: 'log-opened', succession }]);
  const { entry, refusal } = wire.appendReply.decode(reply);
  if (!entry) throw new Error(`the log ${log.origin} cannot be opened: ${refusal}`);
}

const NOTHING = new Uint8Array();

/** The log that goes on after this one, and by whose order, if its last entry says so. */
function successorOf({ store }: Log): wire.RecordFrame['succession'] | undefined {
  const record = store.entryAt(store.head().size - 1)?.record;
  if (!record) return undefined;
  const { event, succession } = wire.record.decode(record);
  return event === 'log-closed' ? succession : undefined;
}

/** INVARIANT: an origin names one history. */
function checkUnused({ dataDir, origin: first }: ChainDeps, origin: string): void {
  const isKnown = listFolders(dataDir, first).some((folder) => folder.origin === origin);
  if (isKnown || existsSync(remainsOf(dataDir, origin)))
    throw new Error(`${origin} is a log of this ledger already: its successor needs another origin`);
}

/** What an old log still shows is all that its database has, and never less than it showed. */
function openWhole(
  { alarm, imageOptions }: ChainDeps,
  folder: LogFolder,
  next: LogFolder | undefined,
): PastLog {
  const past = openPast(folder, next?.reason ?? '');
  const { size } = past.store.head();
  const image = imageOf(past.dir, past.store, imageOptions);
  if (image.publishedSize() < size) image.catchUp();
  if (past.reason === 'time-over' && next && sizeOf(next.checkpoint) > size)
    alarm(`${past.origin} has ${size} entries and ended with more: who asks again for those gets new ones`);
  return past;
}

function sizeOf(note: string): number {
  return parseCheckpoint(parseNote(note).text).size;
}
