import { formatProof, inclusionProof, readThrough } from '@entente/audit';
import { LIMITS, wire } from '@entente/contract';
import { FIRST, isHold, NotAppended, refusedClaim } from './admit.js';
import type { Log } from './append-batch.js';
import type { FoundEntry, LookBack } from './past-log.js';
import type { EntryKey, LedgerStore } from './store.js';

export type Outcome = FoundEntry | NotAppended;

/** Each request's answer: an entry with its proof and what stands beside it, or a refusal. */
export function answerBatch(log: Log, before: LookBack, outcomes: readonly Outcome[]): Uint8Array[] {
  const proveHere = prover(log.store);
  // An old log's last checkpoint proves all that it holds; nothing is signed for it again.
  const handOver = ({ index, leaf, salt, record, past }: FoundEntry) => ({
    leaf,
    salt: salt ?? NONE,
    record: record ?? NONE,
    proof: past ? prover(past.store)(index) : proveHere(index),
  });
  return outcomes.map((outcome) => {
    if (outcome instanceof NotAppended) {
      return wire.appendReply.encode({ refusal: outcome.refusal, detail: outcome.message });
    }
    const entry = handOver(outcome);
    const claimed = claimedInstead(log, before, outcome);
    if (claimed) return wire.appendReply.encode({ entry, claimed: handOver(claimed) });
    if (!outcome.record || !isHold(outcome)) return wire.appendReply.encode({ entry });
    const { messageHash, stage } = wire.record.decode(outcome.record);
    const end = endOfHold(log, before, { messageHash, stage, step: '' });
    const approvals = [
      ...before.approvalsAbout(messageHash, MOST_APPROVALS),
      ...log.store.approvalsAbout(messageHash, MOST_APPROVALS),
    ].map(handOver);
    return wire.appendReply.encode({
      entry,
      later: end?.record ? handOver(end) : null,
      approvals: fitting(approvals.slice(0, MOST_APPROVALS)),
    });
  });
}

/**
 * Of a message that was refused for its id: the one that has it. Its sender may have forgotten that it sent it, and nobody else gets to
 * see it: both are in one sender's name.
 */
function claimedInstead(log: Log, before: LookBack, outcome: FoundEntry): FoundEntry | undefined {
  const refused = refusedClaim(outcome);
  const messageHash = refused && (log.store.claimedBy(refused.claim) ?? before.claimedBy(refused.claim));
  if (!refused || !messageHash) return undefined;
  const key = { messageHash, stage: refused.stage, step: FIRST };
  const found = log.store.findEntry(key) ?? before.findEntry(key);
  return found?.record ? found : undefined;
}

const NONE = new Uint8Array();
const MOST_APPROVALS = 16;

/** The entries of one batch share nearly all nodes of their proofs. */
function prover(store: LedgerStore): (index: number) => Buffer {
  const { size, note } = store.head();
  const readNode = readThrough([], store.readNode);
  return (index) => {
    const hashes = inclusionProof(index, size, readNode);
    return Buffer.from(formatProof({ index, hashes, checkpoint: note }));
  };
}

/** The first ones, as many as a reply can carry beside the hold and its end. */
function fitting(approvals: readonly wire.EntryFrame[]): wire.EntryFrame[] {
  let room = LIMITS.transit - 4 * LIMITS.entry;
  return approvals.filter((entry) => {
    room -= wire.entry.encode(entry).length;
    return room > 0;
  });
}

/** What ended the hold on a message, in this log or in one before it. */
export function endOfHold(
  log: Log,
  before: LookBack,
  { messageHash, stage }: EntryKey,
): FoundEntry | undefined {
  return log.store.endOfHold(messageHash, stage) ?? before.endOfHold(messageHash, stage);
}
