import type { SqlDatabase } from './open-database.js';
import { spaceOut } from './space-out.js';

/** Runs work in a transaction that it shares with whatever else waits; resolves when that is on disk. */
export type Commit = <T>(work: () => T) => Promise<T>;

const MOST = 256;
/** A sync of the disk for each message would cost more than all else that is done for it. */
const EVERY_MS = 5;

/**
 * One sync of the disk for many writers: what asks while a transaction is being written shares the next one. Alone, a writer
 * waits for nobody.
 *
 * INVARIANT: work that throws takes nobody with it: the others run again, each for itself. So work changes nothing but the database.
 */
export function groupCommits(db: SqlDatabase): Commit {
  interface Waiting {
    readonly work: () => unknown;
    readonly resolve: (value: never) => void;
    readonly reject: (error: unknown) => void;
  }
  const waiting: Waiting[] = [];
  let isScheduled = false;
  const myTurn = spaceOut(EVERY_MS);
  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(async () => {
      await myTurn();
      flush();
    });
  };
  const flush = () => {
    isScheduled = false;
    const batch = waiting.splice(0, MOST);
    if (waiting.length > 0) schedule();
    try {
      const results = db.transaction(() => batch.map(({ work }) => work()));
      for (const [i, { resolve }] of batch.entries()) resolve(results[i] as never);
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const one of batch) alone(one);
    }
  };
  const alone = ({ work, resolve, reject }: Waiting) => {
    try {
      resolve(db.transaction(work) as never);
    } catch (error) {
      reject(error);
    }
  };
  return (work) =>
    new Promise((resolve, reject) => {
      waiting.push({ work, resolve, reject });
      schedule();
    });
}
