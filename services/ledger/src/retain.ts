import { setImmediate as othersHadTheirTurn } from 'node:timers/promises';
import { Rejection, STAGE, wire } from '@entente/contract';
import type { Logger } from '@entente/runtime';
import { readUnverifiedHeader } from '@entente/seal';
import { FIRST } from './admit.js';
import type { Log } from './append-batch.js';
import type { ErasureRequest } from './place-own.js';
import { readErasureOrders, readLegalHold } from './retention-files.js';
import type { LedgerStore } from './store.js';

export interface Retention {
  /** The log that is written on now, with those before it. */
  readonly log: () => Pick<Log, 'origin' | 'store' | 'now' | 'past'>;
  readonly days: number;
  /** The ledger's data folder. */
  readonly dir: string;
  readonly logger: Logger;
  /** Until then nothing is over by itself; what a lawful order names goes. */
  readonly isTimeSure?: () => boolean;
  /** Appends the entry that erases; what it names is gone when this returns. */
  readonly erase: (request: ErasureRequest) => Promise<unknown>;
}

const DAY_MS = 86_400_000;
/** So many entries are erased by one entry, and looked at in one turn of the loop. */
const PAGE = 256;

/**
 * Ends what the law lets nobody keep longer: entries whose time is over, and those that a lawful order names. A case under legal
 * hold is left as it is, whatever its age and whoever asks.
 * @returns one turn
 */
export function createRetention({ log, days, dir, logger, isTimeSure = () => true, erase }: Retention) {
  // A crash may have left what was erased in a journal.
  let areJournalsOld = true;
  const eraseNow = async (request: ErasureRequest) => {
    areJournalsOld = true;
    await erase(request);
  };
  const reference = `RETENTION_DAYS ${days}`;
  // By log: what is over before this entry, and still there, stays for as long as the legal hold is the same.
  const lookedAt = new Map<string, number>();
  let holdBefore = '';

  const eraseDue = async ({ origin, store, stores }: Kept, held: ReadonlySet<string>): Promise<void> => {
    const beforeMs = log().now() - days * DAY_MS;
    for (;;) {
      const page = store.keptFrom(lookedAt.get(origin) ?? 0, PAGE);
      const due = page.filter(({ leaf }) => wire.leaf.decode(leaf).timeMs < beforeMs);
      const indices = due.filter((entry) => mayGo(stores, entry.record, held)).map(({ index }) => index);
      if (indices.length > 0) {
        await eraseNow({ indices, reason: 'time-over', reference, origin });
        logger.info({ origin, entries: indices.length }, 'erased: their time is over');
      }
      // No entry is older than the one before it.
      const last = due.at(-1);
      if (last) lookedAt.set(origin, last.index + 1);
      if (due.length < PAGE) return;
      await othersHadTheirTurn();
    }
  };

  const carryOut = async (held: ReadonlySet<string>): Promise<void> => {
    for (const { order, name, done } of await readErasureOrders(dir)) {
      const kept = typeof order === 'string' ? undefined : keptOf(log(), order.origin);
      const problem = typeof order === 'string' ? order : problemOf(kept, order, held);
      if (problem || !kept || typeof order === 'string') {
        logger.error({ order: name, problem }, 'ALARM: an order to erase cannot be carried out');
        await done('refused');
        continue;
      }
      const indices = order.indices.filter((index) => kept.store.entryAt(index)?.record);
      if (indices.length > 0) await eraseNow({ ...order, indices, origin: kept.origin });
      logger.info({ order: name, entries: indices.length }, 'erased by order');
      await done('done');
    }
  };

  return async (): Promise<void> => {
    const { cases: held } = await readLegalHold(dir);
    const hold = [...held].sort().join();
    if (hold !== holdBefore) lookedAt.clear();
    holdBefore = hold;
    await carryOut(held);
    if (isTimeSure()) for (const kept of allOf(log())) await eraseDue(kept, held);
    // Every journal, also where one is busy.
    if (areJournalsOld) areJournalsOld = allOf(log()).filter(({ store }) => !store.emptyJournal()).length > 0;
  };
}

interface Kept {
  readonly origin: string;
  readonly store: LedgerStore;
  /** Of all logs: what one seal speaks of may stand in another. */
  readonly stores: readonly LedgerStore[];
}

function allOf({ origin, store, past }: Pick<Log, 'origin' | 'store' | 'past'>): Kept[] {
  const all = [...past, { origin, store }];
  const stores = all.map((one) => one.store);
  return all.map((one) => ({ ...one, stores }));
}

/** An order that names no log is about the one of now. */
function keptOf(log: Pick<Log, 'origin' | 'store' | 'past'>, origin = log.origin): Kept | undefined {
  return allOf(log).find((one) => one.origin === origin);
}

function problemOf(
  kept: Kept | undefined,
  { indices }: ErasureRequest,
  held: ReadonlySet<string>,
): string | undefined {
  if (!kept) return 'this ledger has no log of that origin';
  const unknown = indices.find((index) => !kept.store.entryAt(index));
  if (unknown !== undefined) return `there is no entry ${unknown}`;
  const staying = indices.find((index) => {
    const record = kept.store.entryAt(index)?.record;
    return record && !mayGo(kept.stores, record, held);
  });
  return staying === undefined
    ? undefined
    : `entry ${staying} is under legal hold, or says what the log itself did, which stays`;
}

/** Adoptions, erasures and what is said of logs are about nobody, and the log cannot be checked without them. */
function mayGo(
  stores: readonly LedgerStore[],
  record: Uint8Array | null,
  held: ReadonlySet<string>,
): boolean {
  if (!record || isAboutLog(record)) return false;
  if (held.size === 0) return true;
  const header = readHeader(record);
  const isAboutHeld = header?.statement?.about.some(({ messageHash }) => isHeld(stores, messageHash, held));
  return !held.has(header?.caseId ?? '') && !isAboutHeld;
}

/** Undefined where it has none that can be read: what is rejected may be any bytes, and is of no case. */
function readHeader(record: Uint8Array): wire.HeaderFrame | undefined {
  const { seal } = wire.record.decode(record);
  try {
    return readUnverifiedHeader(seal);
  } catch (error) {
    if (error instanceof Rejection) return undefined;
    throw error;
  }
}

/** One seal may speak of messages of several cases: it stays with each that is held. */
function isHeld(stores: readonly LedgerStore[], messageHash: Uint8Array, held: ReadonlySet<string>): boolean {
  return stores.some((store) =>
    STAGE.some((stage) => {
      const entry = store.findEntry({ messageHash, stage, step: FIRST });
      return held.has((entry?.record && readHeader(entry.record)?.caseId) || '');
    }),
  );
}

/** Whether a record is about no message. */
export function isAboutLog(record: Uint8Array): boolean {
  const { adoption, erasure, succession, past, administration } = wire.record.decode(record);
  return [adoption, erasure, succession, past, administration].some((one) => one !== null);
}
