import { wire } from '@entente/contract';
import type { Logger } from '@entente/runtime';
import { readUnverifiedHeader } from '@entente/seal';
import type { ErasureRequest, Log } from './append-batch.js';
import { readErasureOrders, readLegalHold } from './retention-files.js';

export interface Retention {
  readonly log: Log;
  readonly days: number;
  /** The ledger's data folder. */
  readonly dir: string;
  readonly logger: Logger;
  /** Appends the entry that erases; what it names is gone when this returns. */
  readonly erase: (request: ErasureRequest) => Promise<unknown>;
}

const DAY_MS = 86_400_000;
/** So many entries are erased by one entry, and looked at in one turn of the loop. */
const PAGE = 256;

/**
 * Ends what the law lets nobody keep longer: entries whose time is over, and those that a lawful order names. A case under legal
 * hold is left as it is, whatever its age and whoever asks.
 */
export function createRetention({ log, days, dir, logger, erase }: Retention) {
  let from = 0;
  // A crash may have left what was erased in the journal.
  let isJournalOld = true;
  const eraseNow = async (request: ErasureRequest) => {
    isJournalOld = true;
    await erase(request);
  };

  const eraseDue = async (held: ReadonlySet<string>): Promise<void> => {
    const beforeMs = log.now() - days * DAY_MS;
    for (;;) {
      const page = log.store.keptFrom(from, PAGE);
      const due = page.filter(({ leaf }) => wire.leaf.decode(leaf).timeMs < beforeMs);
      const indices = due.filter((entry) => mayGo(entry.record, held)).map(({ index }) => index);
      if (indices.length > 0) {
        await eraseNow({ indices, reason: 'time-over', reference: `RETENTION_DAYS ${days}` });
        logger.info({ entries: indices.length }, 'erased: their time is over');
      }
      // What stays for now (a held case, an adoption) is looked at again in the next turn, from the beginning.
      if (due.length < PAGE) break;
      from = (due.at(-1)?.index ?? from) + 1;
    }
    from = 0;
  };

  const carryOut = async (held: ReadonlySet<string>): Promise<void> => {
    for (const { order, name, done } of await readErasureOrders(dir)) {
      const problem = typeof order === 'string' ? order : problemOf(log, order, held);
      if (problem || typeof order === 'string') {
        logger.error({ order: name, problem }, 'ALARM: an order to erase cannot be carried out');
        await done('refused');
        continue;
      }
      const indices = order.indices.filter((index) => log.store.entryAt(index)?.record);
      if (indices.length > 0) await eraseNow({ ...order, indices });
      logger.info({ order: name, entries: indices.length }, 'erased by order');
      await done('done');
    }
  };

  return async (): Promise<void> => {
    const held = await readLegalHold(dir);
    await carryOut(held);
    await eraseDue(held);
    if (isJournalOld) isJournalOld = !log.store.emptyJournal();
  };
}

function problemOf(log: Log, { indices }: ErasureRequest, held: ReadonlySet<string>): string | undefined {
  const unknown = indices.find((index) => !log.store.entryAt(index));
  if (unknown !== undefined) return `there is no entry ${unknown}`;
  const kept = indices.find((index) => {
    const record = log.store.entryAt(index)?.record;
    return record && !mayGo(record, held);
  });
  return kept === undefined
    ? undefined
    : `entry ${kept} is under legal hold, or is an adoption or an erasure, which stay`;
}

/** Adoptions and erasures are about nobody, and the log cannot be checked without them. */
function mayGo(record: Uint8Array | null, held: ReadonlySet<string>): boolean {
  if (!record) return false;
  const { adoption, erasure, seal } = wire.record.decode(record);
  if (adoption || erasure) return false;
  return held.size === 0 || !held.has(readUnverifiedHeader(seal).caseId);
}
