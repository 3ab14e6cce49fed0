import {
  AuditError,
  isLogOf,
  meetsQuorum,
  openCheckpoint,
  parseVkey,
  proveContinues,
  readCosignatures,
  readLogAt,
  type WitnessPolicy,
} from '@entente/audit';
import type { FindingCode } from '../history/finding-code.js';

/** What witnesses have cosigned of a log, as it was read before the log itself. */
export interface CosignedNote {
  readonly origin: string;
  readonly vkey: string;
  /** Undefined: none of the places shows one. */
  readonly note: string | undefined;
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
  for (const place of monitors) {
    const path = `${encodeURIComponent(origin)}/checkpoint`;
    const bytes = await readLogAt(place)(path, MOST_BYTES).catch((error: unknown) => {
      if (error instanceof AuditError && error.code === 'unreachable') return undefined;
      throw error;
    });
    if (bytes) return { origin, vkey, note: Buffer.from(bytes).toString('utf8') };
  }
  return { origin, vkey, note: undefined };
}

/**
 * Holds a log against what witnesses have cosigned of it: they are enough by the policy, and the log continues what they saw. Read the
 * cosigned checkpoint first: a log that grows meanwhile is no fault, one that is smaller than what they saw is.
 *
 * @param log what was found of it, and where its files are
 */
export async function checkCosigned(
  { origin, vkey, note }: CosignedNote,
  policy: WitnessPolicy,
  log: { readonly place: string; readonly size: number; readonly root: Uint8Array },
): Promise<CosignedFault[]> {
  if (!isLogOf(policy, parseVkey(vkey)))
    return [fault('log-not-in-policy', 'the witness policy does not name this log')];
  if (note === undefined) return quorumUnless(policy, 0);
  try {
    const cosigned = openCheckpoint(note, parseVkey(vkey), origin);
    const keys = policy.witnesses.map(({ key }) => key);
    const by = readCosignatures(note, keys).map(({ witness }) => witness);
    if (!meetsQuorum(policy, by)) return quorumUnless(policy, by.length);
    if (cosigned.size > log.size)
      return [
        fault(
          'witnesses-saw-more',
          `witnesses have cosigned ${cosigned.size} entries, and the log has ${log.size}`,
        ),
      ];
    await proveContinues(readLogAt(log.place), cosigned, { origin, size: log.size, root: log.root });
    return [];
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    return [fault(error.code, `what witnesses have cosigned: ${error.message}`)];
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
