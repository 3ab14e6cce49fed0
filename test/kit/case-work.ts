import type { ReferralView, SentMessage } from '@entente/cli';
import { nationOf } from '@entente/contract';
import { examples } from './examples.js';
import type { TestNetwork } from './network.js';
import { waitFor } from './wait.js';

/** The notice to a host: two items to remove. */
export function notice(to = 'isp.fr') {
  const example = examples().find(({ file }) => file.startsWith('02-'));
  if (!example) throw new Error('the example is gone');
  return { ...example.submission, to };
}

/** Sends a referral and waits until it has arrived. */
export async function sendReferral(net: TestNetwork, from: string, submission: object) {
  const sent = await net.client(from).send(submission);
  await arrived(net, from, sent.id);
  return { id: sent.id, caseId: sent.case_id };
}

/** Says something about the referral of a case, and waits until the other end has it. */
export async function say(net: TestNetwork, member: string, caseId: string, update: object): Promise<string> {
  const { id } = await net.client(member).update(caseId, update);
  await arrived(net, member, id);
  return id;
}

export async function arrived(net: TestNetwork, member: string, id: string): Promise<void> {
  const message = await waitFor(
    `an outcome of ${id}`,
    async () => {
      const found = await net.client(member).message(id);
      return found.outcome !== '' && hasWholeWay(member, found) ? found : undefined;
    },
    OUTCOME_WITHIN_MS,
  );
  if (message.outcome !== 'delivered')
    throw new Error(`${id}: ${message.outcome} ${message.code} ${message.reason}`);
}

/** What is lost on the way is sent again, each time after twice as long. */
export const OUTCOME_WITHIN_MS = 180_000;

/**
 * Whether evidence of every gate that has let it pass is there: a gate sends on and answers at the same time, and what ends a message
 * may be back before what came before it.
 */
export function hasWholeWay(from: string, { to, evidence }: SentMessage): boolean {
  const said = (word: string) => evidence.filter((piece) => piece.evidence === word);
  const isFromThere = [...said('delivered'), ...said('not-delivered')].some(({ source }) => source === to);
  const isBeyond = isFromThere || said('relay-rejected').length > 0;
  const isAbroad = nationOf(from) !== nationOf(to);
  return (
    (!isBeyond || said('submission-accepted').length > 0) &&
    (!isFromThere || !isAbroad || said('relay-accepted').length > 0)
  );
}

/** The one referral of a case, as a member sees it. */
export async function referralOf(net: TestNetwork, member: string, caseId: string): Promise<ReferralView> {
  const [only, other] = (await net.client(member).case(caseId)).referrals;
  if (!only || other) throw new Error('the case has not one referral');
  return only;
}

export function removed(...ids: string[]) {
  const at = new Date().toISOString();
  return { update: 'outcome', items: ids.map((id) => ({ id, outcome: { result: 'removed', at } })) };
}
