import { removeReceived, removeSent } from './remove-content.js';
import type { Edge } from './state.js';

const AT_ONCE = 200;
/** What an auditor was shown. */
const INSPECTED_MS = 30 * 86_400_000;

/**
 * Contents whose time is over go, as the referral says (GDPR Art. 5(1)(e)): those that were received and those that were sent, at the
 * latest a minute after. What a case was about, in words of closed lists, and what is proved about it stay.
 * @returns how many
 */
export async function endRetention(edge: Edge): Promise<number> {
  const inspected = edge.inspections.eraseBefore(edge.now() - INSPECTED_MS);
  const received = edge.cases.over(edge.now(), AT_ONCE);
  const sent = edge.outbox.over(edge.now(), AT_ONCE);
  if (received.length + sent.length + inspected === 0) return 0;
  await edge.commit(() => {
    for (const row of received) removeReceived(edge, row);
    for (const row of sent) removeSent(edge, row);
  });
  // Nothing that was erased stays in the journal.
  edge.db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  edge.logger.info(
    { received: received.length, sent: sent.length },
    'contents whose time was over are erased',
  );
  return received.length + sent.length;
}
