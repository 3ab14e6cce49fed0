import { newId, wire } from '@entente/contract';
import { messageHash } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notice, referralOf, sendReferral } from '../kit/case-work.js';
import { headerOf, resealed } from '../kit/forge.js';
import { sealed } from '../kit/hostile.js';
import { smallPlan, startTestNetwork, type TestNetwork } from '../kit/network.js';
import { type Tap, tapMember } from '../kit/tap.js';

// The attacker is hotline.de with an edge of its own making: it can say what it likes, in any case, as either end.
let net: TestNetwork;
let hotline: Tap;
beforeAll(async () => {
  net = await startTestNetwork(smallPlan(), ['hotline.de']);
  hotline = await tapMember(net, 'hotline.de');
});
afterAll(async () => {
  await hotline?.close();
  await net?.stop();
});

const { purpose, handling, retention_days, legal_basis } = notice().content;
const update = (more: object) => ({
  ...{ category: 'csam', action: 'inform', force: 'voluntary', urgency: 'routine' },
  ...{ purpose, handling, retention_days, legal_basis },
  ...more,
});

async function say(to: string, toRole: string, header: object, content: object, facts: object = {}) {
  const submission = { to, to_role: toRole, from_role: 'hotline', content: update(content) };
  const made = await sealed(net.home, 'hotline.de', submission, { header });
  const declared = { ...(headerOf(made.envelope).facts as wire.FactsFrame), ...facts };
  const { envelope } = await resealed(net.home, made.envelope, { facts: declared });
  await hotline.handIn(envelope);
  const { evidence, code } = await hotline.statementOn(messageHash(wire.envelope.decode(envelope).seal));
  return code || evidence;
}

const RECALL = { update: 'recall', recall_ground: 'mistake', remove_copy: true };

describe('nobody', () => {
  it('takes back, corrects or ends what another has sent', async () => {
    const { id, caseId } = await sendReferral(net, 'hotline.fr', notice('isp.fr'));
    for (const content of [RECALL, { update: 'close' }, { update: 'accept' }]) {
      expect(await say('isp.fr', 'hosting', { caseId, inReplyTo: id }, content)).toBe('case-unknown');
    }
    expect(await referralOf(net, 'isp.fr', caseId)).toMatchObject({ state: 'open', said: [] });
  });

  it("tells an outcome of a referral that was sent to another, neither in that case nor in one of one's own", async () => {
    const { id, caseId } = await sendReferral(net, 'hotline.fr', notice('isp.fr'));
    const removed = {
      update: 'outcome',
      items: [{ id: 'i1', outcome: { result: 'removed', at: '2026-11-24T12:00:00Z' } }],
    };
    for (const header of [
      { caseId, inReplyTo: id },
      { caseId: newId(), inReplyTo: id },
    ])
      expect(await say('hotline.fr', 'hotline', header, removed)).toBe('case-unknown');
    expect((await referralOf(net, 'hotline.fr', caseId)).items[0]?.results).toEqual([]);
  });

  it("tells an outcome of another's referral in a case of which it is a party itself", async () => {
    const { id, caseId } = await sendReferral(net, 'hotline.fr', notice('isp.fr'));
    await net.client('hotline.fr').send({ ...notice('hotline.de'), case_id: caseId });
    const removed = {
      update: 'outcome',
      items: [{ id: 'i1', outcome: { result: 'removed', at: '2026-11-24T12:00:00Z' } }],
    };
    const about = { caseId, inReplyTo: id };
    expect(await say('hotline.fr', 'hotline', about, removed)).toBe('case-unknown');
    // What only the other end of it could say, has no effect; as a party it may say something of its own.
    expect(await say('hotline.fr', 'hotline', about, RECALL)).toBe('delivered');
    const { referrals } = await net.client('hotline.fr').case(caseId);
    expect(referrals.find((one) => one.message === id)).toMatchObject({ state: 'open', said: [] });
  });

  it('keeps two cases of its own together by an update of one in the other', async () => {
    const [one, other] = [newId(), newId()];
    expect(await say('isp.fr', 'hosting', { caseId: one, inReplyTo: newId() }, RECALL)).toBe('delivered');
    expect(await say('isp.fr', 'hosting', { caseId: other, inReplyTo: newId() }, { update: 'accept' })).toBe(
      'case-unknown',
    );
  });
});

describe('an update', () => {
  const about = () => ({ caseId: newId(), inReplyTo: newId() });

  it('whose counts are not those of its items is a violation', async () => {
    const check = {
      update: 'check',
      items: [{ id: 'i1', check: { seen: 'up', at: '2026-11-24T12:00:00Z', from_country: 'DE' } }],
    };
    for (const facts of [
      { checks: [{ word: 'gone', count: 1 }] },
      { checks: [] },
      { results: [{ word: 'removed', count: 1 }] },
      { update: 'close' },
    ])
      expect(await say('isp.fr', 'hosting', about(), check, facts)).toBe('facts-mismatch');
    expect(await say('isp.fr', 'hosting', about(), check)).toBe('delivered');
  });

  it('carries no picture, and no person', async () => {
    const picture = `data:image/png;base64,${'iVBORw0KGgo'.repeat(60)}`;
    expect(await say('isp.fr', 'hosting', about(), { update: 'repeat', text: picture })).toBe(
      'content-forbidden',
    );
  });

  it('of a category that is not that of the referral is refused', async () => {
    const content = notice('isp.fr');
    const made = await sealed(net.home, 'hotline.de', content);
    await hotline.handIn(made.envelope);
    await hotline.statementOn(made.messageHash);
    const { caseId, id } = made.draft;
    expect(
      await say('isp.fr', 'hosting', { caseId, inReplyTo: id }, { update: 'close', category: 'phishing' }),
    ).toBe('content-invalid');
    expect(await say('isp.fr', 'hosting', { caseId, inReplyTo: id }, { update: 'close' })).toBe('delivered');
    expect((await referralOf(net, 'isp.fr', caseId)).state).toBe('closed');
  });

  it('as the other end says it has no effect: nobody accepts its own referral', async () => {
    const made = await sealed(net.home, 'hotline.de', notice('isp.fr'));
    await hotline.handIn(made.envelope);
    await hotline.statementOn(made.messageHash);
    const { caseId, id } = made.draft;
    expect(await say('isp.fr', 'hosting', { caseId, inReplyTo: id }, { update: 'accept' })).toBe('delivered');
    const seen = await referralOf(net, 'isp.fr', caseId);
    expect(seen.state).toBe('open');
    expect(seen.said).toMatchObject([
      { by: 'originator', without_effect: expect.stringContaining('cannot say') },
    ]);
  });
});
