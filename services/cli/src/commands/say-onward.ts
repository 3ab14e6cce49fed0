import { outcomeOf } from '../demo/send-reports.js';
import type { EdgeClient } from '../network/edge-client.js';
import { print } from '../print.js';
import { AnswerIsNo } from '../usage.js';
import { sayRepeat } from './message-key.js';
import type { HomeOptions } from './options.js';

/**
 * What became of a referral that was sent on.
 * @param sent as the edge has answered
 * @throws AnswerIsNo unless it is delivered
 */
export async function sayOnward(
  did: 'forwarded' | 'escalated',
  to: string,
  client: EdgeClient,
  sent: Awaited<ReturnType<EdgeClient['forward']>>,
  options: HomeOptions & { readonly wait: string },
): Promise<void> {
  const message = await outcomeOf(client, sent.id, Date.now() + Number(options.wait) * 1000);
  print(options, { ...message, is_new: sent.is_new }, () => [
    `${did} to ${to}: ${message.outcome || 'under way'} ${message.reason}`.trimEnd(),
    `  case ${sent.case_id}, message ${sent.id}`,
    ...sayRepeat({ id: sent.id, isNew: sent.is_new }),
  ]);
  if (message.outcome !== 'delivered') throw new AnswerIsNo();
}
