import { Rejection } from '@entente/contract';
import type { Directory } from '@entente/members';
import { openSealSync } from '@entente/seal';
import type { FindDirectory } from './find-directory.js';
import type { LogFault } from './read-log.js';

/** What is needed of an entry to check who signed its message. */
export interface SealJob {
  readonly index: number;
  readonly seal: Uint8Array;
  readonly stage: string;
  readonly decidedAtMs: number;
  /** Hex. */
  readonly directorySha256: string;
}

export interface CheckedBatch {
  /** Seals whose signature holds. */
  readonly seals: number;
  readonly faults: readonly LogFault[];
}

/** Checks that each message was signed by the member that it names, with a key that was valid on that day. */
export async function checkBatch(
  findDirectory: FindDirectory,
  jobs: readonly SealJob[],
): Promise<CheckedBatch> {
  const faults: LogFault[] = [];
  for (const job of jobs) {
    const { index } = job;
    try {
      const directory = await findDirectory(job.directorySha256, job.decidedAtMs);
      if (typeof directory === 'string') faults.push({ index, code: 'directory-missing', detail: directory });
      else checkSeal(directory, job);
    } catch (error) {
      const code = error instanceof Rejection ? error.code : 'seal-unreadable';
      faults.push({ index, code, detail: (error as Error).message });
    }
  }
  return { seals: jobs.length - faults.length, faults };
}

/**
 * A key that expired on the way to the second gate was still good if it was valid when the first one logged the message; that
 * time stands in the other nation's log, so here the time of issue stands for it.
 * @throws Rejection
 */
function checkSeal(directory: Directory, { seal, stage, decidedAtMs }: SealJob): void {
  const { kid, header } = openSealSync(seal, (wanted) => findKey(directory, wanted));
  const atMs = stage === 'enter' ? Math.min(header.issuedAtMs, decidedAtMs) : decidedAtMs;
  try {
    directory.checkSigner(kid, header.from, atMs, decidedAtMs);
  } catch {
    directory.checkSigner(kid, header.from, decidedAtMs, decidedAtMs);
  }
}

/** Whose key it is and whether it was valid is asked once the header is proved. */
function findKey({ nations }: Directory, kid: string) {
  for (const nation of nations.values()) {
    const key = nation.keys.get(kid);
    if (key) return key;
  }
  return undefined;
}
