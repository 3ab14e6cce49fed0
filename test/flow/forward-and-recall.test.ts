import { chooseLogs, readCase } from '@entente/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrived, notice, referralOf, say, sendReferral } from '../kit/case-work.js';
import { examples } from '../kit/examples.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { waitFor } from '../kit/wait.js';

let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork();
});
afterAll(async () => await net?.stop());

const HOTLINE = 'hotline.de';
const ISP = 'isp.fr';
const send = () => sendReferral(net, HOTLINE, notice(ISP));

describe('a referral from hotline to hotline', () => {
  const ask = (handling: string) => {
    const example = examples().find(({ file }) => file.startsWith('01-'));
    if (!example) throw new Error('the example is gone');
    const { submission } = example;
    return { ...submission, to: 'hotline.fr', content: { ...submission.content, handling } };
  };
  const change = { action: 'remove', force: 'notice', legal_basis: ['gdpr-6-1-f', 'dsa-16'] };

  it('is forwarded to the host, which reads where it came from; its originator learns to whom', async () => {
    const { caseId } = await sendReferral(net, HOTLINE, ask('TLP:AMBER'));
    const sent = await net.client('hotline.fr').forward(caseId, { to: ISP, to_role: 'hosting', change });
    await arrived(net, 'hotline.fr', sent.id);
    const there = (await net.client(ISP).case(sent.case_id)).received[0];
    expect(there?.content).toMatchObject({
      action: 'remove',
      origin: { nation: 'DE', onward_consent: false },
    });
    expect(sent.case_id).not.toBe(caseId);
    const told = await waitFor('the originator to be told', async () =>
      (await referralOf(net, HOTLINE, caseId)).said.find(({ content }) => content.update === 'forward'),
    );
    expect(told.content.forwarded_to).toBe(ISP);
  });

  it('that is taken back is taken back from the host as well, and the forwarder keeps no copy', async () => {
    const { caseId } = await sendReferral(net, HOTLINE, ask('TLP:AMBER'));
    const forwarder = net.client('hotline.fr');
    const sent = await forwarder.forward(caseId, { to: ISP, to_role: 'hosting', change });
    await arrived(net, 'hotline.fr', sent.id);
    expect(await referralOf(net, 'hotline.fr', caseId)).toMatchObject({
      sent_on: [{ case_id: sent.case_id, message: sent.id }],
    });
    expect((await referralOf(net, 'hotline.fr', sent.case_id)).made_of?.case_id).toBe(caseId);
    await say(net, HOTLINE, caseId, {
      update: 'recall',
      recall_ground: 'not-illegal',
      remove_copy: true,
    });
    await waitFor('the host to learn that it was taken back', async () =>
      (await referralOf(net, ISP, sent.case_id)).state === 'recalled' ? true : undefined,
    );
    expect((await net.client(ISP).case(sent.case_id)).received[0]?.copy_removed_at).not.toBeNull();
    await waitFor(
      'the copy of what was sent on to go',
      async () =>
        (await forwarder.case(sent.case_id)).sent.find(({ id }) => id === sent.id)?.copy_removed_at ??
        undefined,
      90_000,
    );
    expect(JSON.stringify(await forwarder.case(sent.case_id))).not.toContain('example.net');
  });

  it('that is corrected is corrected at the host as well, as far as the correction may go there', async () => {
    const { caseId } = await sendReferral(net, HOTLINE, ask('TLP:AMBER'));
    const forwarder = net.client('hotline.fr');
    const sent = await forwarder.forward(caseId, { to: ISP, to_role: 'hosting', change });
    await arrived(net, 'hotline.fr', sent.id);
    const [item] = (await referralOf(net, HOTLINE, caseId)).items;
    const address = { url: 'https://img.example.net/a/right' };
    const correct = { update: 'correct', text: 'A letter was wrong.', items: [{ id: item?.id, address }] };
    const kept = await say(net, HOTLINE, caseId, { ...correct, handling: 'TLP:RED' });
    await say(net, HOTLINE, caseId, correct);
    const corrected = await waitFor('the host to learn that it was corrected', async () => {
      const there = await referralOf(net, ISP, sent.case_id);
      return there.items[0]?.corrected_to ? there : undefined;
    });
    expect(corrected.items[0]).toMatchObject({ id: item?.id, corrected_to: address });
    expect(corrected.said.map(({ content }) => content)).toMatchObject([
      { text: 'A letter was wrong.', origin: { nation: 'DE', onward_consent: false } },
    ]);
    expect((await referralOf(net, 'hotline.fr', sent.case_id)).said).toHaveLength(1);
    expect(await referralOf(net, 'hotline.fr', caseId)).toMatchObject({ kept_back: [kept] });
  });

  it('that is marked for its recipient only goes no further', async () => {
    const { caseId } = await sendReferral(net, HOTLINE, ask('TLP:AMBER+STRICT'));
    const forwarded = net.client('hotline.fr').forward(caseId, { to: ISP, to_role: 'hosting', change });
    await expect(forwarded).rejects.toThrow(/TLP:AMBER\+STRICT/);
    const back = net.client('hotline.fr').forward(caseId, { to: HOTLINE, to_role: 'hotline', change });
    await expect(back).rejects.toThrow();
    expect((await referralOf(net, HOTLINE, caseId)).said).toEqual([]);
  });
});

describe('a recall', () => {
  it('takes the copy back: what it said is gone there, that it was there stays provable', async () => {
    const { id, caseId } = await send();
    await say(net, HOTLINE, caseId, {
      update: 'recall',
      recall_ground: 'wrong-recipient',
      remove_copy: true,
    });
    const there = await net.client(ISP).case(caseId);
    expect(there.referrals[0]).toMatchObject({ state: 'recalled', copy_recalled: true });
    const row = there.received.find((one) => one.id === id);
    expect(row).toMatchObject({ copy_removed_at: expect.any(String) });
    expect(JSON.stringify(row?.content)).not.toMatch(/example\.net|Code pénal/);
    expect(Buffer.from(row?.proof ?? '', 'base64').length).toBeGreaterThan(500);
    const file = await net.client(ISP).evidenceFile(caseId, true);
    expect(file.includes('example.net')).toBe(false);
    // That it went is on record in the nation in which it went, and in that of who took it back, who can show it.
    for (const nation of ['FR', 'DE'])
      await waitFor(`the erasure in the log of ${nation}`, async () => {
        const { entries } = await readCase(chooseLogs({ home: net.home.dir, nation }), caseId);
        return entries.find(({ from, to, says }) => from === ISP && to === HOTLINE && says === 'erased');
      });
    await waitFor('the originator to read it', async () =>
      (await net.client(HOTLINE).message(id)).evidence.find(({ evidence }) => evidence === 'erased'),
    );
    expect((await net.client(HOTLINE).message(id)).outcome).toBe('delivered');
  });

  it('that comes before the referral finds it when it arrives', async () => {
    await net.network.kill(ISP);
    const client = net.client(HOTLINE);
    const { id, case_id: caseId } = await client.send(notice(ISP));
    await waitFor('it to be beyond the border', async () =>
      (await client.message(id)).evidence.find(({ evidence }) => evidence === 'relay-accepted'),
    );
    const recall = await client.update(caseId, {
      update: 'recall',
      recall_ground: 'mistake',
      remove_copy: true,
    });
    await net.network.restart(ISP);
    await arrived(net, HOTLINE, id);
    await arrived(net, HOTLINE, recall.id);
    const there = await net.client(ISP).case(caseId);
    expect(there.referrals[0]?.state).toBe('recalled');
    expect(JSON.stringify(there.received)).not.toContain('example.net');
  });

  it('that comes before the referral has left ends both, and its recipient never learns of them', async () => {
    await net.network.kill('gate.de');
    const client = net.client(HOTLINE);
    const { id, case_id: caseId } = await client.send(notice(ISP));
    const recall = await client.update(caseId, {
      update: 'recall',
      recall_ground: 'wrong-recipient',
      remove_copy: true,
    });
    for (const message of [id, recall.id])
      expect(await client.message(message)).toMatchObject({ state: 'ended', outcome: 'recalled' });
    await net.network.restart('gate.de');
    await send();
    await expect(net.client(ISP).case(caseId)).rejects.toMatchObject({ status: 404 });
    expect((await referralOf(net, HOTLINE, caseId)).state).toBe('recalled');
  });
});
