import type { ReferralView } from '@entente/cli';
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
  const message = await waitFor(`an outcome of ${id}`, async () => {
    const found = await net.client(member).message(id);
    return found.outcome === '' ? undefined : found;
  });
  if (message.outcome !== 'delivered')
    throw new Error(`${id}: ${message.outcome} ${message.code} ${message.reason}`);
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
