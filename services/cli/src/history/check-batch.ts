import { Rejection, wire } from '@entente/contract';
import type { Directory } from '@entente/members';
import type { FindKey, OpenSeals, Sealed } from '@entente/seal';
import type { FindDirectory } from './find-directory.js';
import type { packFinder } from './find-pack.js';
import { judgeRecord } from './judge-record.js';
import type { LogFault } from './read-log.js';

/** What is needed of an entry to check who signed its message, and where asked what was decided about it. */
export interface EntryJob {
  readonly index: number;
  readonly timeMs: number;
  readonly seal: Uint8Array;
  /** Of the seal, unverified, where it could be read; it stays on its thread. */
  readonly header?: wire.HeaderFrame | undefined;
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
  readonly openSeals: OpenSeals;
}

/**
 * Checks that each message was signed by the member that it names, with a key that was valid on that day; and that its verdict is
 * the one that the pack of that day gives. Each entry by itself, so that any core may do any batch.
 */
export async function checkBatch(
  { findDirectory, findPack, openSeals }: BatchTools,
  jobs: readonly EntryJob[],
): Promise<CheckedBatch> {
  const signers = new Map<string, Signers | string>();
  for (const { directorySha256, decidedAtMs } of jobs)
    if (!signers.has(directorySha256))
      signers.set(directorySha256, signersOf(await findDirectory(directorySha256, decidedAtMs)));
  const signersFor = ({ directorySha256 }: EntryJob) => signers.get(directorySha256) ?? '';
  const toOpen = jobs.map((job) => {
    const { seal, header } = job;
    return { seal, header, findKey: findKeyOf(signersFor(job)) };
  });
  const opened = await openSeals(toOpen);
  const faults: LogFault[] = [];
  let seals = 0;
  for (const [i, job] of jobs.entries()) {
    const found = checkSeal(signersFor(job), job, opened[i]);
    const sealed = 'messageHash' in found ? found : undefined;
    if (sealed) seals += 1;
    else faults.push(found as LogFault);
    const { index, timeMs, record, frame } = job;
    if (record)
      faults.push(...judgeRecord(findPack, index, timeMs, frame ?? wire.record.decode(record), sealed));
  }
  return { seals, faults };
}

interface Signers {
  readonly directory: Directory;
  readonly findKey: FindKey;
}

function signersOf(directory: Directory | string): Signers | string {
  if (typeof directory === 'string') return directory;
  return { directory, findKey: (kid) => findKey(directory, kid) };
}

function findKeyOf(signers: Signers | string): FindKey {
  return typeof signers === 'string' ? () => undefined : signers.findKey;
}

/** What a seal says, or what is wrong with it. */
function checkSeal(signers: Signers | string, job: EntryJob, opened?: Sealed | Error): Sealed | LogFault {
  const { index } = job;
  if (typeof signers === 'string') return { index, code: 'directory-missing', detail: signers };
  try {
    if (!opened || opened instanceof Error) throw opened;
    return checkSigner(signers.directory, job, opened);
  } catch (error) {
    const code = error instanceof Rejection ? error.code : 'seal-unreadable';
    return { index, code, detail: (error as Error).message };
  }
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
