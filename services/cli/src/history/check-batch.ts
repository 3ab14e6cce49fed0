import { Rejection, wire } from '@entente/contract';
import type { Directory } from '@entente/members';
import { openSeal, openSealInPool, type Sealed } from '@entente/seal';
import type { FindDirectory } from './find-directory.js';
import type { packFinder } from './find-pack.js';
import type { LogFault } from './read-log.js';
import { judgeRecord } from './replay.js';

/** What is needed of an entry to check who signed its message, and where asked what was decided about it. */
export interface EntryJob {
  readonly index: number;
  readonly timeMs: number;
  readonly seal: Uint8Array;
  readonly stage: string;
  readonly decidedAtMs: number;
  /** Hex. */
  readonly directorySha256: string;
  /** Set: the record, to be judged as well. */
  readonly record?: Uint8Array;
  /** The same, decoded; it stays on its thread. */
  readonly frame?: wire.RecordFrame;
}

export interface CheckedBatch {
  /** Seals whose signature holds. */
  readonly seals: number;
  readonly faults: readonly LogFault[];
}

export interface BatchTools {
  readonly findDirectory: FindDirectory;
  readonly findPack: ReturnType<typeof packFinder>;
}

/** On the calling thread, for a worker that does nothing else; or on the thread pool, while the calling one reads on. */
export type Where = 'here' | 'pool';

/**
 * Checks that each message was signed by the member that it names, with a key that was valid on that day; and that its verdict is
 * the one that the pack of that day gives. Each entry by itself, so that any core may do any batch.
 */
export async function checkBatch(
  { findDirectory, findPack }: BatchTools,
  jobs: readonly EntryJob[],
  where: Where,
): Promise<CheckedBatch> {
  const directories = new Map<string, Directory | string>();
  for (const { directorySha256, decidedAtMs } of jobs)
    if (!directories.has(directorySha256))
      directories.set(directorySha256, await findDirectory(directorySha256, decidedAtMs));
  const faults: LogFault[] = [];
  let seals = 0;
  const check = (job: EntryJob): Opened | Promise<Opened> => {
    const directory = directories.get(job.directorySha256) ?? '';
    if (typeof directory !== 'string')
      return where === 'pool' ? sealInPool(directory, job) : sealHere(directory, job);
    return { index: job.index, code: 'directory-missing', detail: directory };
  };
  // All of a batch at once: the pool has its own queue.
  const opened = jobs.map(check);
  for (const [i, { index, timeMs, record, frame }] of jobs.entries()) {
    const one = opened[i];
    const found = one instanceof Promise ? await one : one;
    const sealed = found && 'messageHash' in found ? found : undefined;
    if (sealed) seals += 1;
    else if (found) faults.push(found as LogFault);
    if (record)
      faults.push(...judgeRecord(findPack, index, timeMs, frame ?? wire.record.decode(record), sealed));
  }
  return { seals, faults };
}

/** What a seal says, or what is wrong with it. */
type Opened = Sealed | LogFault;

function sealHere(directory: Directory, job: EntryJob): Opened {
  try {
    return checkSigner(
      directory,
      job,
      openSeal(job.seal, (kid) => findKey(directory, kid)),
    );
  } catch (error) {
    return faultOf(job, error);
  }
}

async function sealInPool(directory: Directory, job: EntryJob): Promise<Opened> {
  try {
    return checkSigner(directory, job, await openSealInPool(job.seal, (kid) => findKey(directory, kid)));
  } catch (error) {
    return faultOf(job, error);
  }
}

function faultOf({ index }: EntryJob, error: unknown): LogFault {
  const code = error instanceof Rejection ? error.code : 'seal-unreadable';
  return { index, code, detail: (error as Error).message };
}

/**
 * A key that expired on the way to the second gate was still good if it was valid when the first one logged the message; that
 * time stands in the other nation's log, so here the time of issue stands for it.
 * @throws Rejection
 */
function checkSigner(directory: Directory, { stage, decidedAtMs }: EntryJob, sealed: Sealed): Sealed {
  const { kid, header } = sealed;
  const atMs = stage === 'enter' ? Math.min(header.issuedAtMs, decidedAtMs) : decidedAtMs;
  try {
    directory.checkSigner(kid, header.from, atMs, decidedAtMs);
  } catch {
    directory.checkSigner(kid, header.from, decidedAtMs, decidedAtMs);
  }
  return sealed;
}

/** Whose key it is and whether it was valid is asked once the header is proved. */
function findKey({ nations }: Directory, kid: string) {
  for (const nation of nations.values()) {
    const key = nation.keys.get(kid);
    if (key) return key;
  }
  return undefined;
}
