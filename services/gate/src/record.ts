import { rejectionWords, type Stage } from '@entente/contract';
import type { Sealed } from '@entente/seal';
import { adopt } from './adopt.js';
import type { Judged } from './judge.js';
import { append, LedgerRefusal } from './ledger-client.js';
import type { GateDeps, Logged } from './state.js';

/**
 * Makes the verdict an entry, or gets the entry that was made before.
 *
 * INVARIANT: what comes back is the first entry for this message, stage and step, its proof checked. After a crash and with
 * a new pack this gate may judge otherwise than it did: only what is logged counts.
 */
export async function record(gate: GateDeps, sealed: Sealed, stage: Stage, judged: Judged): Promise<Logged> {
  try {
    return await append(gate, recordOf(sealed, stage, judged));
  } catch (error) {
    if (!(error instanceof LedgerRefusal)) throw error;
    if (error.refusal === 'id-reused') {
      const verdict = { decision: 'refuse', code: 'id-reused', reason: rejectionWords('id-reused') };
      return await append(gate, recordOf(sealed, stage, { ...judged, event: 'rejection', verdict }));
    }
    // Another directory or pack was adopted since: adopt ours (if it is not older), and let the message come again.
    if (error.refusal === 'adoption-stale') await adopt(gate);
    throw error;
  }
}

function recordOf(sealed: Sealed, stage: Stage, { event, verdict, pack, directory }: Judged) {
  return {
    event,
    stage,
    step: 'first',
    seal: sealed.seal,
    messageHash: sealed.messageHash,
    verdict: verdict ?? null,
    packSha256: Buffer.from(pack.sha256, 'hex'),
    directorySha256: directory.sha256,
  };
}
