import { verifyLedgers } from '@entente/cli';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { arrived, hasWholeWay, notice, OUTCOME_WITHIN_MS, sendReferral } from '../kit/case-work.js';
import { loseEntry } from '../kit/lose-entry.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { waitFor } from '../kit/wait.js';

// A message with its outcome is not sent again: what of its evidence was lost on the way back, its sender has to miss by itself.

const SENDER = 'hotline.de';
let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork();
});
afterAll(async () => await net?.stop());

it('the entry of a gate that was lost on its way back comes once more, and the message arrives once', async () => {
  const lose = async (to: string, evidence: string) => {
    const send = async () => {
      const { id, case_id: caseId } = await net.client(SENDER).send(notice(to));
      return { id, caseId };
    };
    return { to, ...(await loseEntry(net, SENDER, send, evidence)) };
  };
  const lost = [
    await lose('isp.fr', 'relay-accepted'),
    await lose('isp.fr', 'submission-accepted'),
    await lose('isp.de', 'submission-accepted'),
  ];
  const before = await Promise.all(lost.map(({ id }) => net.client(SENDER).message(id)));
  for (const { id } of lost) await arrived(net, SENDER, id);
  for (const [i, { id, to }] of lost.entries()) {
    const { outcome, evidence } = await net.client(SENDER).message(id);
    expect(outcome).toBe('delivered');
    const words = evidence.map((one) => one.evidence).sort();
    expect(words).toEqual([
      'delivered',
      ...(to === 'isp.fr' ? ['relay-accepted'] : []),
      'submission-accepted',
    ]);
    // What was there is as it was.
    expect(evidence).toEqual(expect.arrayContaining([...(before[i]?.evidence ?? [])]));
    const { messages } = await net.client(to).inbox();
    expect(messages.filter((message) => message.id === id)).toHaveLength(1);
    expect((await net.client(to).refused()).refused).toEqual([]);
  }
  expect((await verifyLedgers(net.home)).map(({ faults }) => faults)).toEqual([[], []]);
});

it('and of a message that its recipient refused, which stays refused', async () => {
  const to = 'isp.fr';
  // Another's case: its recipient takes nothing in it from who has no part in that.
  const { caseId } = await sendReferral(net, 'hotline.fr', notice(to));
  const send = async () => {
    const { id } = await net.client(SENDER).send({ ...notice(to), case_id: caseId });
    return { id, caseId };
  };
  const lost = [
    await loseEntry(net, SENDER, send, 'relay-accepted', 'refused'),
    await loseEntry(net, SENDER, send, 'submission-accepted', 'refused'),
  ];
  const before = await Promise.all(lost.map(({ id }) => net.client(SENDER).message(id)));
  for (const [i, { id }] of lost.entries()) {
    const { evidence, ...message } = await waitFor(
      'the entry that was lost',
      async () => {
        const found = await net.client(SENDER).message(id);
        return hasWholeWay(SENDER, found) ? found : undefined;
      },
      OUTCOME_WITHIN_MS,
    );
    expect(message).toMatchObject({ outcome: 'refused', code: 'case-unknown' });
    const words = evidence.map((one) => one.evidence).sort();
    expect(words).toEqual(['not-delivered', 'relay-accepted', 'submission-accepted']);
    expect(evidence).toEqual(expect.arrayContaining([...(before[i]?.evidence ?? [])]));
  }
});
