import { Rejection, rejectionWords, type Stage } from '@entente/contract';
import type { Sealed } from '@entente/seal';
import { adoptDirectory, adoptPack } from './adopt.js';
import type { Judged } from './judge.js';
import { mayGoAhead } from './known-emergencies.js';
import { append, LedgerRefusal, type RecordDraft } from './ledger-client.js';
import { FIRST, type GateDeps, type Recorded } from './state.js';

/**
 * Makes the verdict an entry, or gets the entry that was made before.
 *
 * INVARIANT: what comes back is the first entry for this message, stage and step, its proof checked. After a crash and with
 * a new pack this gate may judge otherwise than it did: only what is logged counts.
 *
 * @param step `first`, or what ends a hold: the hash of an approval in hex, or `overdue`
 */
export async function record(
  gate: GateDeps,
  sealed: Sealed,
  stage: Stage,
  judged: Judged,
  step = FIRST,
): Promise<Recorded> {
  try {
    return await append(gate, recordOf(sealed, stage, judged, step), mayGoAhead(gate, sealed));
  } catch (error) {
    if (!(error instanceof LedgerRefusal)) throw error;
    if (error.refusal === 'id-reused') {
      const { id, from } = sealed.header;
      gate.logger.error(
        { id, sender: from },
        'ALARM: a member has sealed two messages under one id: the second is refused; unless its edge was put back from a backup, somebody else may have its key',
      );
      const verdict = { decision: 'refuse', code: 'id-reused', reason: rejectionWords('id-reused') };
      const rejected = { ...judged, event: 'rejection' as const, verdict, input: null };
      return await append(gate, recordOf(sealed, stage, rejected, step));
    }
    // Its time in the log is over, so its own time is as well.
    if (error.refusal === 'erased') throw new Rejection('expired', 'what the log held of it was erased');
    // Another directory or pack was adopted since: adopt ours (if it is not older), and let the message come again.
    if (error.refusal === 'adoption-stale') {
      await adoptDirectory(gate);
      await adoptPack(gate, gate.packs.own());
    }
    throw error;
  }
}

/** What is asked to be put on record, or looked for there. */
export function recordOf(
  sealed: Sealed,
  stage: Stage,
  { event, verdict, pack, directory, input, decidedAtMs }: Judged,
  step: string,
): RecordDraft {
  return {
    event,
    stage,
    step,
    seal: sealed.seal,
    messageHash: sealed.messageHash,
    verdict: verdict ?? null,
    packSha256: Buffer.from(pack.sha256, 'hex'),
    directorySha256: directory.sha256,
    decidedAtMs,
    input,
  };
}
