import { Rejection, type wire } from '@entente/contract';
import type { Directory } from '@entente/members';
import { openSeal } from '@entente/seal';
import type { FindDirectory } from './find-directory.js';
import type { LogFault, LoggedEntry } from './read-log.js';
import { hex } from './replay.js';

/** What checking the signature of every seal of a log has shown. */
export interface CheckedSeals {
  /** Seals whose signature holds. */
  readonly seals: number;
  readonly faults: readonly LogFault[];
}

/** Verified at the same time; another as many are read meanwhile. */
const BATCH = 256;

/**
 * Checks that each message in a log was signed by the member that it names, with a key that was valid on that day under the
 * directory that the log had adopted. A gate that lies can log what it likes, but not sign for a member.
 */
export function createSealChecker(findDirectory: FindDirectory) {
  const faults: LogFault[] = [];
  let [seals, adopted] = [0, ''];
  let batch: Promise<void>[] = [];
  let verifying: Promise<unknown> = Promise.resolve();

  const check = async (index: number, record: wire.RecordFrame) => {
    const report = (code: string, detail: string) => void faults.push({ index, code, detail });
    try {
      const directory = await findDirectory(hex(record.directorySha256), record.decidedAtMs);
      if (typeof directory === 'string') return report('directory-missing', directory);
      await checkSeal(directory, record);
      seals += 1;
    } catch (error) {
      report(error instanceof Rejection ? error.code : 'seal-unreadable', (error as Error).message);
    }
  };

  return {
    visit: ({ index, record }: LoggedEntry): void | Promise<void> => {
      if (!record) return;
      if (record.event === 'adopt-directory') adopted = hex(record.adoption?.sha256);
      if (record.adoption) return;
      if (hex(record.directorySha256) !== adopted) {
        const detail = `decided under ${hex(record.directorySha256).slice(0, 16)}…, which was not adopted last`;
        faults.push({ index, code: 'directory-not-adopted', detail });
      }
      batch.push(check(index, record));
      if (batch.length < BATCH) return;
      const before = verifying;
      verifying = Promise.all(batch);
      batch = [];
      return before.then(() => undefined);
    },
    result: async (): Promise<CheckedSeals> => {
      await Promise.all([verifying, ...batch]);
      return { seals, faults };
    },
  };
}

/**
 * A key that expired on the way to the second gate was still good if it was valid when the first one logged the message; that
 * time stands in the other nation's log, so here the time of issue stands for it.
 * @throws Rejection
 */
async function checkSeal(directory: Directory, record: wire.RecordFrame): Promise<void> {
  const { decidedAtMs, stage } = record;
  const { kid, header } = await openSeal(record.seal, (wanted) => findKey(directory, wanted));
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
