import {
  AuditError,
  type Checkpoint,
  isLogOf,
  meetsQuorum,
  openCheckpoint,
  parseVkey,
  proveContinues,
  type ReadLogPath,
  readCosignatures,
  readLogAt,
  type WitnessPolicy,
} from '@entente/audit';
import type { FindingCode } from '../history/finding-code.js';

/** What witnesses have cosigned of a log, as it was read before the log itself. */
export interface CosignedNote {
  readonly origin: string;
  readonly vkey: string;
  /** What each of the places shows that shows anything: one may know of a cosignature that another one does not have yet. */
  readonly notes: readonly string[];
}

/** Its files, and under what they were read. */
interface ReadableLog extends Pick<Checkpoint, 'size' | 'root'> {
  readonly read: ReadLogPath;
}

export interface CosignedFault {
  readonly index: null;
  readonly code: FindingCode;
  readonly detail: string;
}

const MOST_BYTES = 512 * 1024;

/** @param monitors public addresses of monitors, or folders that are laid out like them */
export async function readCosigned(vkey: string, monitors: readonly string[]): Promise<CosignedNote> {
  const origin = parseVkey(vkey).name;
  const notes = new Set<string>();
  for (const place of monitors) {
    const path = `${encodeURIComponent(origin)}/checkpoint`;
    const bytes = await readLogAt(place)(path, MOST_BYTES).catch((error: unknown) => {
      if (error instanceof AuditError && error.code === 'unreachable') return undefined;
      throw error;
    });
    if (bytes) notes.add(Buffer.from(bytes).toString('utf8'));
  }
  return { origin, vkey, notes: [...notes] };
}

/**
 * Holds a log against what witnesses have cosigned of it: they are enough by the policy, and the log continues what they saw, and what
 * else of it is shown there. Read the cosigned checkpoint first: a log that grows meanwhile is no fault, one that is smaller than what they saw is.
 *
 * @param log what was found of it, and how its files are read: that nobody answers there says nothing of it
 */
export async function checkCosigned(
  { origin, vkey, notes }: CosignedNote,
  policy: WitnessPolicy,
  log: ReadableLog,
): Promise<CosignedFault[]> {
  const key = parseVkey(vkey);
  if (!isLogOf(policy, key)) return [fault('log-not-in-policy', 'the witness policy does not name this log')];
  const keys = policy.witnesses.map((witness) => witness.key);
  const notOurs: CosignedFault[] = [];
  const faults: CosignedFault[] = [];
  let [most, isMet] = [0, false];
  for (const note of notes) {
    try {
      const cosigned = openCheckpoint(note, key, origin);
      const by = readCosignatures(note, keys).map(({ witness }) => witness);
      most = Math.max(most, by.length);
      const isEnough = meetsQuorum(policy, by);
      isMet ||= isEnough;
      // What the log itself has signed binds it, however few have cosigned that.
      if (isEnough || cosigned.size <= log.size) faults.push(...(await checkContinued(cosigned, log)));
    } catch (error) {
      if (!(error instanceof AuditError) || error.code === 'unreachable') throw error;
      notOurs.push(fault(error.code, `what witnesses have cosigned: ${error.message}`));
    }
  }
  // What somebody shows who is no monitor of this log says nothing of it, where another one shows what is asked for.
  if (isMet) return faults;
  return [...faults, ...(notOurs.length > 0 && most === 0 ? notOurs : quorumUnless(policy, most))];
}

async function checkContinued(cosigned: Checkpoint, log: ReadableLog): Promise<CosignedFault[]> {
  const { origin, size } = cosigned;
  if (size > log.size) {
    const detail = `witnesses have cosigned ${size} entries, and the log has ${log.size}`;
    return [fault('witnesses-saw-more', detail)];
  }
  try {
    await proveContinues(log.read, cosigned, { origin, size: log.size, root: log.root });
    return [];
  } catch (error) {
    if (!(error instanceof AuditError) || error.code === 'unreachable') throw error;
    return [fault(error.code, `a checkpoint of ${size} entries that a monitor shows: ${error.message}`)];
  }
}

function quorumUnless(policy: WitnessPolicy, count: number): CosignedFault[] {
  if (meetsQuorum(policy, [])) return [];
  return [
    fault('quorum-missing', `${count} known witnesses have cosigned it, which is not what the policy asks`),
  ];
}

function fault(code: FindingCode, detail: string): CosignedFault {
  return { index: null, code, detail };
}
